package io.rejoin.edge.websocket;

import java.io.EOFException;
import java.io.IOException;

/**
 * Splits a stream of bytes into frame headers and unmasked payloads, without checking them. A method that needs more
 * bytes throws {@link EOFException} when the stream has ended.
 */
final class FrameInput {
    private static final byte[] EMPTY = {};

    private final ByteSource source;
    private byte[] chunk = EMPTY;
    private int position;
    /**
     * Of the current frame: the payload bytes still to be read, and the masking key. The key is rotated so that its top
     * byte masks the next payload byte.
     */
    private long remaining;
    private int mask;

    FrameInput(ByteSource source) {
        this.source = source;
    }

    /** Reads the next header completely. The payload of the previous frame must have been read or skipped. */
    FrameHeader header() throws IOException {
        var first = read();
        var second = read();
        var short7 = second & 0x7f;
        var length = switch (short7) {
            case 126 -> number(2);
            case 127 -> number(8);
            default -> short7;
        };
        var isCanonical = short7 < 126 || length > (short7 == 126 ? 125 : 0xffff); // negative is not canonical
        var isMasked = (second & 0x80) != 0;
        mask = isMasked ? (int) number(4) : 0;
        remaining = length < 0 ? Long.MAX_VALUE : length;
        return new FrameHeader((first & 0x80) != 0, first & 0x70, first & 0x0f, isMasked, remaining,
                isCanonical);
    }

    /** Whether bytes can be read without waiting. If not, the buffer is released. */
    boolean hasBytes() {
        if (position < chunk.length) return true;
        chunk = EMPTY; // an idle connection holds no buffer
        position = 0;
        return false;
    }

    /** How many payload bytes of the current frame are still to be read. */
    long remaining() {
        return remaining;
    }

    /** How many payload bytes can be read without waiting. Waits for the first byte, unless the payload is complete. */
    int available() throws IOException {
        if (remaining == 0) return 0;
        fill();
        return (int) Math.min(remaining, chunk.length - position);
    }

    /**
     * Reads the payload bytes that have arrived, at most {@code length} and never beyond the frame. Waits for at least
     * one byte, unless the payload is complete.
     */
    int payload(byte[] into, int offset, int length) throws IOException {
        var count = Math.min(available(), length);
        var key = mask;
        for (var i = 0; i < count; i++) {
            key = Integer.rotateLeft(key, 8);
            into[offset + i] = (byte) (chunk[position + i] ^ key);
        }
        mask = key;
        advance(count);
        return count;
    }

    void skipPayload() throws IOException {
        while (remaining > 0) {
            advance(available());
        }
    }

    private void advance(int count) {
        position += count;
        remaining -= count;
    }

    private long number(int bytes) throws IOException {
        var number = 0L;
        for (var i = 0; i < bytes; i++) {
            number = number << 8 | read();
        }
        return number;
    }

    private int read() throws IOException {
        fill();
        return chunk[position++] & 0xff;
    }

    private void fill() throws IOException {
        if (hasBytes()) return;
        chunk = source.next();
        if (chunk.length == 0) throw new EOFException();
    }
}
