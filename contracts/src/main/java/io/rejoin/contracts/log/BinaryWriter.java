package io.rejoin.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Content;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes the fields of binary records; {@link BinaryReader} reads them. A number is a varint: seven bits per byte, the
 * lowest bits first. The top bit of a byte is set if another byte follows. A negative number has ten bytes. Confined to
 * one thread.
 */
final class BinaryWriter {
    private static final int MAX_OF_NUMBER = 10;

    private byte[] bytes;
    private int at;

    /** @param expected about how many bytes will be written; the buffer grows if there are more */
    BinaryWriter(int expected) {
        bytes = new byte[Math.max(16, expected)];
    }

    void put(int oneByte) {
        require(1);
        bytes[at++] = (byte) oneByte;
    }

    void put(byte[] some, int from, int to) {
        require(to - from);
        System.arraycopy(some, from, bytes, at, to - from);
        at += to - from;
    }

    /** Writes a flag as one byte: 1 or 0. */
    void flag(boolean isSet) {
        put(isSet ? 1 : 0);
    }

    void number(long number) {
        require(MAX_OF_NUMBER);
        at = number(number, at);
    }

    private int number(long number, int to) {
        var next = to;
        var rest = number;
        while ((rest & ~0x7fL) != 0) {
            bytes[next++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[next++] = (byte) rest;
        return next;
    }

    /** How many bytes the varint of a number has. */
    static int size(long number) {
        return number == 0 ? 1 : (70 - Long.numberOfLeadingZeros(number)) / 7;
    }

    /** Writes a flag, and the number if there is one. */
    void optional(@Nullable Long number) {
        flag(number != null);
        if (number != null) number(number);
    }

    /**
     * Writes the length in bytes plus one, then the text in UTF-8; for null, writes zero. Writes {@code ?} for half of
     * a surrogate pair.
     */
    void string(@Nullable String text) {
        if (text == null) {
            number(0);
            return;
        }
        var utf8 = text.getBytes(UTF_8);
        number(utf8.length + 1L);
        put(utf8, 0, utf8.length);
    }

    /** Writes a flag that is set for a text, the length of the JSON in bytes, and the JSON. */
    void content(Content content) {
        flag(content.isText());
        number(content.length());
        require(content.length());
        content.copyTo(bytes, at);
        at += content.length();
    }

    /** The index at which the next byte is written. */
    int position() {
        return at;
    }

    /** Inserts at {@code position} the number of bytes that were written since. */
    void lengthFrom(int position) {
        var length = at - position;
        var size = size(length);
        require(size);
        System.arraycopy(bytes, position, bytes, position + size, length);
        var _ = number(length, position);
        at += size;
    }

    /** The bytes that were written. */
    byte[] bytes() {
        return at == bytes.length ? bytes : Arrays.copyOf(bytes, at);
    }

    private void require(int more) {
        if (bytes.length - at < more) bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + more));
    }
}
