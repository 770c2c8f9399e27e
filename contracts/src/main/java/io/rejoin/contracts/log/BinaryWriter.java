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
    private static final int MAX_NUMBER_BYTES = 10;

    private byte[] bytes;
    private int position;

    /** @param expectedBytes about how many bytes will be written; the buffer grows if there are more */
    BinaryWriter(int expectedBytes) {
        bytes = new byte[Math.max(16, expectedBytes)];
    }

    void put(int oneByte) {
        ensureCapacity(1);
        bytes[position++] = (byte) oneByte;
    }

    void put(byte[] source, int from, int to) {
        ensureCapacity(to - from);
        System.arraycopy(source, from, bytes, position, to - from);
        position += to - from;
    }

    /** Writes a flag as one byte: 1 or 0. */
    void flag(boolean isSet) {
        put(isSet ? 1 : 0);
    }

    void number(long number) {
        ensureCapacity(MAX_NUMBER_BYTES);
        position = number(number, position);
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
    static int numberSize(long number) {
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
        ensureCapacity(content.length());
        content.copyTo(bytes, position);
        position += content.length();
    }

    /** The index at which the next byte is written. */
    int position() {
        return position;
    }

    /** Inserts at {@code start} the number of bytes that were written since. */
    void insertLength(int start) {
        var length = position - start;
        var size = numberSize(length);
        ensureCapacity(size);
        System.arraycopy(bytes, start, bytes, start + size, length);
        var _ = number(length, start);
        position += size;
    }

    /** The bytes that were written. */
    byte[] bytes() {
        return position == bytes.length ? bytes : Arrays.copyOf(bytes, position);
    }

    private void ensureCapacity(int additional) {
        if (bytes.length - position < additional)
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, position + additional));
    }
}
