package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The bytes of the message in progress, up to a limit. Empty between messages: an idle connection keeps nothing. */
final class MessageBuffer {
    private static final byte[] NOTHING = {};

    private final int limit;
    private byte[] bytes = NOTHING;
    private int size;

    MessageBuffer(int limit) {
        this.limit = limit;
    }

    int limit() {
        return limit;
    }

    /** How many bytes the message may still grow. */
    int room() {
        return limit - size;
    }

    int size() {
        return size;
    }

    /** The bytes so far, with free space behind {@link #size}; lent until the next call. */
    byte[] bytes() {
        return bytes;
    }

    /** Adds what has come of the frame's payload, which must fit; waits for at least one byte. */
    void read(FrameInput input) throws IOException {
        var available = input.available();
        if (size + available > bytes.length) {
            var doubled = (int) Math.min(limit, 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, Math.max(size + available, doubled));
        }
        size += input.payload(bytes, size, available);
    }

    /** The message as text; the buffer is empty again. */
    String takeText() {
        var text = new String(bytes, 0, size, UTF_8);
        clear();
        return text;
    }

    /** The message as bytes; the buffer is empty again. */
    ByteBuffer takeBytes() {
        var taken = ByteBuffer.wrap(bytes, 0, size);
        clear();
        return taken;
    }

    private void clear() {
        bytes = NOTHING;
        size = 0;
    }
}
