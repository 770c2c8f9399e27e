package io.rejoin.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the binary fields that {@link BinaryWriter} writes, from a range of a byte array. Every fault is a
 * {@link MalformedRecordException} that names the field. A length is checked against the remaining bytes before memory
 * is allocated for it. Confined to one thread.
 */
final class BinaryReader {
    /** Java decodes invalid UTF-8 to this character. A valid text can contain this character, too. */
    private static final char REPLACEMENT = '\uFFFD';

    private final byte[] bytes;
    private final int end;
    private int at;

    BinaryReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    int position() {
        return at;
    }

    /** Returns a reader of the next part, which begins with its length. This reader continues after that part. */
    BinaryReader part(String what) throws MalformedRecordException {
        var length = length(what);
        at += length;
        return new BinaryReader(bytes, at - length, at);
    }

    /** Checks that all bytes were read. */
    void atEnd(String what) throws MalformedRecordException {
        if (at < end) throw new MalformedRecordException(what + " has " + (end - at) + " bytes too many");
    }

    int oneByte(String what) throws MalformedRecordException {
        if (at >= end) throw cutOff(what);
        return bytes[at++] & 0xff;
    }

    boolean flag(String what) throws MalformedRecordException {
        var value = oneByte(what);
        if (value > 1) throw new MalformedRecordException(what + " is " + value + ", but must be 0 or 1");
        return value == 1;
    }

    long number(String what) throws MalformedRecordException {
        var number = 0L;
        for (var shift = 0; shift < Long.SIZE; shift += 7) {
            var next = oneByte(what);
            number |= (next & 0x7fL) << shift;
            if (next < 0x80) {
                if (shift == 63 && next > 1) break;
                return number;
            }
        }
        throw new MalformedRecordException(what + " is a number of more than 64 bits");
    }

    int smallNumber(String what) throws MalformedRecordException {
        var number = number(what);
        if (number != (int) number) throw new MalformedRecordException(what + " is out of range: " + number);
        return (int) number;
    }

    @Nullable
    Long optional(String what) throws MalformedRecordException {
        return flag(what) ? number(what) : null;
    }

    /**
     * Reads how many elements follow. Each element has at least one byte, so the count is at most the remaining bytes.
     */
    int count(String what, int most) throws MalformedRecordException {
        var count = number(what);
        if (count < 0 || count > end - at) throw cutOff(what);
        if (count > most) throw new MalformedRecordException("more than " + most + " " + what);
        return (int) count;
    }

    private int length(String what) throws MalformedRecordException {
        var length = number(what);
        if (length < 0 || length > end - at) throw cutOff(what);
        return (int) length;
    }

    String string(String what) throws MalformedRecordException {
        var text = stringOrNull(what);
        if (text == null) throw new MalformedRecordException(what + " is missing");
        return text;
    }

    @Nullable
    String stringOrNull(String what) throws MalformedRecordException {
        var length = number(what);
        if (length == 0) return null;
        if (length < 0 || length - 1 > end - at) throw cutOff(what);
        var from = at;
        at += (int) length - 1;
        var text = new String(bytes, from, at - from, UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0) checkUtf8(from, what);
        return text;
    }

    private void checkUtf8(int from, String what) throws MalformedRecordException {
        try {
            var _ = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, at - from));
        } catch (CharacterCodingException e) {
            throw new MalformedRecordException(what + " is not UTF-8", e);
        }
    }

    /** Reads a length, then as many bytes. */
    byte[] bytes(String what) throws MalformedRecordException {
        var length = length(what);
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    private static MalformedRecordException cutOff(String what) {
        return new MalformedRecordException("the record ends too early: " + what + " is cut off");
    }
}
