package io.rejoin.edge.websocket;

import java.time.Duration;

/** The sending side of an open connection. Safe for any thread; only {@link #awaitSpace} blocks. */
public interface WebSocket {
    /**
     * Queues a frame that {@link FrameWriter} built. The same array may be queued at many connections and must not
     * change.
     *
     * @return false if the outbox is full or the connection is closing: the frame is not sent
     */
    boolean offerMessage(byte[] frame);

    /**
     * Like {@link #offerMessage}, for a frame that no other connection has. Its memory is counted until the frame is
     * sent.
     */
    default boolean offerUnshared(byte[] frame) {
        return offerMessage(frame);
    }

    /**
     * Like {@link #offerMessage}, with extra space for replies, so that a client with a full outbox can still be
     * answered.
     */
    boolean offerReply(byte[] frame);

    /**
     * Waits until half of the outbox is free and there is space for a frame of the given length.
     *
     * @param length of the frame that was refused; 0 if none was
     * @return false on a timeout, or if the connection is closing
     */
    boolean awaitSpace(int length, Duration timeout) throws InterruptedException;

    /**
     * Runs the callback once the frames queued so far are on the socket or discarded. It runs on a thread of the
     * connection, or at once, and must not block.
     */
    void whenSent(Runnable callback);

    /** Sends a ping if there is space for one. {@link #lastReceivedAt} shows whether the client answers. */
    void ping();

    /** When the last bytes of any kind were received, by {@link System#nanoTime}. */
    long lastReceivedAt();

    /**
     * Begins to close. The queued frames are sent, then the close frame. The connection then waits for the peer's close
     * frame for a bounded time, and ends the TCP connection even if the peer does not read. Only the first call has an
     * effect.
     *
     * @param code RFC 6455, section 7.4: 1000 to 1014 as defined, or 3000 to 4999
     * @param reason cut to the 123 bytes that fit
     */
    void close(int code, String reason);

    /** Whether neither side has begun to close. */
    boolean isOpen();
}
