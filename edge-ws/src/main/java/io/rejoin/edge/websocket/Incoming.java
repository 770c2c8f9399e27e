package io.rejoin.edge.websocket;

import java.nio.ByteBuffer;

/** What a peer sent: a whole message, a control frame, or nothing more. */
sealed interface Incoming {
    /** A text message, put together from its fragments. */
    record Text(String text) implements Incoming {}

    /** A binary message, put together. */
    record Binary(ByteBuffer payload) implements Incoming {
        /** A copy of the payload. */
        byte[] bytes() {
            var bytes = new byte[payload.remaining()];
            payload.get(payload.position(), bytes);
            return bytes;
        }
    }

    /** A ping, to be answered with the same payload. */
    record Ping(ByteBuffer payload) implements Incoming {}

    /** A pong, asked for or not (RFC 6455, section 5.5.3). */
    record Pong() implements Incoming {}

    /**
     * A close frame.
     *
     * @param code as sent, valid on the wire; {@link FrameWriter#NO_CODE} if there was none
     */
    record Close(int code, String reason) implements Incoming {}

    /** The stream has ended, without a close frame; a frame that was not complete is lost. */
    record End() implements Incoming {}
}
