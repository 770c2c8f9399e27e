package io.rejoin.edge.websocket;

import java.io.EOFException;
import java.io.IOException;

/** Bytes as headers and unmasked payloads, with no opinion on them. Every method ends with {@link EOFException} where they do. */
final class FrameInput {
    private static final byte[] NOTHING = {};

    private final ByteSource source;
    private byte[] chunk = NOTHING;
    private int position;
    /** Of the frame in progress: how much payload is to come, and what it is masked with; the next byte's in front. */
    private long remaining;
    private int mask;

    FrameInput(ByteSource source) {
        this.source = source;
    }

    /** Reads the next header, whole. The payload of the frame before must have been read or skipped. */
    FrameHeader header() throws IOException {
        var first = read();
        var second = read();
        var short7 = second & 0x7f;
        var length = switch (short7) {
            case 126 -> number(2);
            case 127 -> number(8);
            default -> short7;
        };
        var canonical = short7 < 126 || length > (short7 == 126 ? 125 : 0xffff); // nor negative
        var masked = (second & 0x80) != 0;
        mask = masked ? (int) number(4) : 0;
        remaining = length < 0 ? Long.MAX_VALUE : length;
        return new FrameHeader((first & 0x80) != 0, first & 0x70, first & 0x0f, masked, remaining,
                canonical);
    }

    /** Whether something can be read without waiting. Where nothing can, nothing is kept. */
    boolean hasBytes() {
        if (position < chunk.length) return true;
        chunk = NOTHING; // an idle connection keeps no bytes
        position = 0;
        return false;
    }

    /** How much of the frame's payload is yet to be read. */
    long remaining() {
        return remaining;
    }

    /** How much of it can be read without waiting; waits for the first byte, if there is one to come. */
    int available() throws IOException {
        if (remaining == 0) return 0;
        fill();
        return (int) Math.min(remaining, chunk.length - position);
    }

    /** Reads as much payload as has come, at least one byte and at most {@code length} and the frame's rest. */
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
