package io.rejoin.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/** Iterates over the WebSocket frames in a part of a buffer (RFC 6455, section 5.2). */
final class Frames {
    static final int TEXT = 1;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;

    private final byte[] bytes;
    private final int end;
    private int start;
    private int opcode;
    private int payload;

    Frames(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
    }

    /** Moves to the next frame; false if that frame is not complete in the buffer. */
    boolean next() throws IOException {
        var available = end - start;
        if (available < 2) return false;
        if ((bytes[start] & FINAL) == 0) throw new IOException("a fragmented message");
        var length = bytes[start + 1] & 0xffL;
        var header = length < LENGTH_16 ? 2 : length == LENGTH_16 ? 4 : 10;
        if (length > LENGTH_64) throw new IOException("a masked frame from the server");
        if (available < header) return false;
        if (length == LENGTH_16) length = ByteBuffer.wrap(bytes).getChar(start + 2);
        else if (length == LENGTH_64) length = ByteBuffer.wrap(bytes).getLong(start + 2);
        if (length > bytes.length) throw new IOException("a message of " + length + " bytes is too large");
        if (available < header + length) return false;
        opcode = bytes[start] & 0x7f;
        payload = start + header;
        start = payload + (int) length;
        return true;
    }

    /** The position behind the last frame that {@link #next} returned. */
    int start() {
        return start;
    }

    /** The opcode with the reserved bits. If a reserved bit is set, the value matches no known opcode. */
    int opcode() {
        return opcode;
    }

    Payload payload() {
        return new Payload(bytes, payload, start);
    }

    byte[] copy() {
        return Arrays.copyOfRange(bytes, payload, start);
    }

    /** The code of a close frame; 1005 if it has none. */
    int closeCode() {
        return start - payload < 2 ? 1005 : ByteBuffer.wrap(bytes).getChar(payload);
    }

    /** A client's frame, masked as RFC 6455 requires of clients. */
    static ByteBuffer masked(int opcode, byte[] payload) {
        var frame = ByteBuffer.allocate(payload.length + 14).put((byte) (FINAL | opcode));
        if (payload.length < LENGTH_16) frame.put((byte) (MASKED | payload.length));
        else if (payload.length < 1 << 16) frame.put((byte) (MASKED | LENGTH_16)).putShort((short) payload.length);
        else
            frame.put((byte) (MASKED | LENGTH_64)).putLong(payload.length);
        var mask = ThreadLocalRandom.current().nextInt();
        frame.putInt(mask);
        for (var i = 0; i < payload.length; i++) frame.put((byte) (payload[i] ^ (mask >>> (24 - 8 * (i & 3)))));
        return frame.flip();
    }
}
