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
    private static final char REPLACEMENT_CHARACTER = '\uFFFD';

    private final byte[] bytes;
    private final int end;
    private int position;

    BinaryReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.position = from;
        this.end = end;
    }

    int position() {
        return position;
    }

    /** Returns a reader of the next part, which begins with its length. This reader continues after that part. */
    BinaryReader readPart(String fieldName) throws MalformedRecordException {
        var length = length(fieldName);
        position += length;
        return new BinaryReader(bytes, position - length, position);
    }

    /** Checks that all bytes were read. */
    void checkEnd(String fieldName) throws MalformedRecordException {
        if (position < end)
            throw new MalformedRecordException(fieldName + " has " + (end - position) + " bytes too many");
    }

    int oneByte(String fieldName) throws MalformedRecordException {
        if (position >= end) throw truncated(fieldName);
        return bytes[position++] & 0xff;
    }

    boolean flag(String fieldName) throws MalformedRecordException {
        var value = oneByte(fieldName);
        if (value > 1) throw new MalformedRecordException(fieldName + " is " + value + ", but must be 0 or 1");
        return value == 1;
    }

    long number(String fieldName) throws MalformedRecordException {
        var number = 0L;
        for (var shift = 0; shift < Long.SIZE; shift += 7) {
            var next = oneByte(fieldName);
            number |= (next & 0x7fL) << shift;
            if (next < 0x80) {
                if (shift == 63 && next > 1) break;
                return number;
            }
        }
        throw new MalformedRecordException(fieldName + " is a number of more than 64 bits");
    }

    int smallNumber(String fieldName) throws MalformedRecordException {
        var number = number(fieldName);
        if (number != (int) number) throw new MalformedRecordException(fieldName + " is out of range: " + number);
        return (int) number;
    }

    @Nullable
    Long optional(String fieldName) throws MalformedRecordException {
        return flag(fieldName) ? number(fieldName) : null;
    }

    /**
     * Reads how many elements follow. Each element has at least one byte, so the count is at most the remaining bytes.
     */
    int count(String fieldName, int max) throws MalformedRecordException {
        var count = number(fieldName);
        if (count < 0 || count > end - position) throw truncated(fieldName);
        if (count > max) throw new MalformedRecordException("more than " + max + " " + fieldName);
        return (int) count;
    }

    private int length(String fieldName) throws MalformedRecordException {
        var length = number(fieldName);
        if (length < 0 || length > end - position) throw truncated(fieldName);
        return (int) length;
    }

    String string(String fieldName) throws MalformedRecordException {
        var text = stringOrNull(fieldName);
        if (text == null) throw new MalformedRecordException(fieldName + " is missing");
        return text;
    }

    @Nullable
    String stringOrNull(String fieldName) throws MalformedRecordException {
        var length = number(fieldName);
        if (length == 0) return null;
        if (length < 0 || length - 1 > end - position) throw truncated(fieldName);
        var from = position;
        position += (int) length - 1;
        var text = new String(bytes, from, position - from, UTF_8);
        if (text.indexOf(REPLACEMENT_CHARACTER) >= 0) checkUtf8(from, fieldName);
        return text;
    }

    private void checkUtf8(int from, String fieldName) throws MalformedRecordException {
        try {
            var _ = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, position - from));
        } catch (CharacterCodingException e) {
            throw new MalformedRecordException(fieldName + " is not UTF-8", e);
        }
    }

    /** Reads a length, then as many bytes. */
    byte[] bytes(String fieldName) throws MalformedRecordException {
        var length = length(fieldName);
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    private static MalformedRecordException truncated(String fieldName) {
        return new MalformedRecordException("the record ends too early: " + fieldName + " is cut off");
    }
}
