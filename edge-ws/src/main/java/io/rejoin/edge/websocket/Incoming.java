package io.rejoin.edge.websocket;

import java.nio.ByteBuffer;

/** What a client sent: a complete message, a control frame, or the end of the stream. */
sealed interface Incoming {
    /** A text message, joined from its fragments. */
    record Text(String text) implements Incoming {}

    /** A binary message, joined from its fragments. */
    record Binary(ByteBuffer payload) implements Incoming {
        /** A copy of the payload. */
        byte[] bytes() {
            var bytes = new byte[payload.remaining()];
            payload.get(payload.position(), bytes);
            return bytes;
        }
    }

    /** A ping. The answer is a pong with the same payload. */
    record Ping(ByteBuffer payload) implements Incoming {}

    /** A pong, solicited or not (RFC 6455, section 5.5.3). */
    record Pong() implements Incoming {}

    /**
     * A close frame.
     *
     * @param code as sent, and valid on the wire; {@link FrameWriter#NO_CODE} if the frame has none
     */
    record Close(int code, String reason) implements Incoming {}

    /** The stream ended without a close frame. An incomplete frame is lost. */
    record End() implements Incoming {}
}
