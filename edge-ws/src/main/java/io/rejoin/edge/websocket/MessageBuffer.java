package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes of the message in progress, up to a limit. Between messages the buffer holds no memory, so an idle
 * connection needs none.
 */
final class MessageBuffer {
    private static final byte[] EMPTY = {};

    private final int limit;
    private byte[] bytes = EMPTY;
    private int size;

    MessageBuffer(int limit) {
        this.limit = limit;
    }

    int limit() {
        return limit;
    }

    /** How many bytes the message may still grow. */
    int remaining() {
        return limit - size;
    }

    int size() {
        return size;
    }

    /** The bytes so far, with free space after {@link #size}. Valid until the next call that reads or takes. */
    byte[] bytes() {
        return bytes;
    }

    /**
     * Appends the payload bytes that have arrived, and waits for at least one. The frame's payload must fit into
     * {@link #remaining}.
     */
    void read(FrameInput input) throws IOException {
        var available = input.available();
        if (size + available > bytes.length) {
            var doubled = (int) Math.min(limit, 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, Math.max(size + available, doubled));
        }
        size += input.payload(bytes, size, available);
    }

    /** Returns the message as text, and empties the buffer. */
    String takeText() {
        var text = new String(bytes, 0, size, UTF_8);
        clear();
        return text;
    }

    /** Returns the message as bytes, and empties the buffer. */
    ByteBuffer takeBytes() {
        var taken = ByteBuffer.wrap(bytes, 0, size);
        clear();
        return taken;
    }

    private void clear() {
        bytes = EMPTY;
        size = 0;
    }
}
