package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Builds the frames that a server sends: complete, unmasked and never fragmented (RFC 6455, section 5.2). */
public final class FrameWriter {
    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xA;
    static final int MAX_CONTROL_PAYLOAD = 125;
    /** Means a close frame without a code. This value is never on the wire (section 7.4.1). */
    static final int NO_CODE = 1005;

    private static final int FIN = 0x80;

    private FrameWriter() {}

    /** Builds the frame of a text message. The same array may be sent to any number of receivers. */
    public static byte[] text(byte[] utf8) {
        return frame(TEXT, utf8.length).put(utf8).array();
    }

    /** Returns the payload of a frame that {@link #text} built. */
    public static byte[] payload(byte[] text) {
        var header = switch (text[1]) {
            case 126 -> 4;
            case 127 -> 10;
            default -> 2;
        };
        return Arrays.copyOfRange(text, header, text.length);
    }

    static byte[] binary(byte[] payload) {
        return frame(BINARY, payload.length).put(payload).array();
    }

    static byte[] ping() {
        return frame(PING, 0).array();
    }

    static byte[] pong(ByteBuffer payload) {
        return frame(PONG, payload.remaining()).put(payload.duplicate()).array();
    }

    /** Builds a close frame; {@link #NO_CODE} makes it empty. A reason of more than 123 bytes in UTF-8 is cut. */
    static byte[] close(int code, String reason) {
        if (code == NO_CODE) return frame(CLOSE, 0).array();
        var utf8 = reason.getBytes(UTF_8);
        var length = Math.min(utf8.length, MAX_CONTROL_PAYLOAD - 2);
        while (length < utf8.length && (utf8[length] & 0xC0) == 0x80) length--; // do not cut within a character
        return frame(CLOSE, 2 + length).putShort((short) code).put(utf8, 0, length).array();
    }

    private static ByteBuffer frame(int opcode, int length) {
        var first = (byte) (FIN | opcode);
        if (length <= 125) return ByteBuffer.allocate(2 + length).put(first).put((byte) length);
        if (length <= 0xffff) {
            return ByteBuffer.allocate(4 + length).put(first).put((byte) 126).putShort((short) length);
        }
        return ByteBuffer.allocate(10 + length).put(first).put((byte) 127).putLong(length);
    }
}
