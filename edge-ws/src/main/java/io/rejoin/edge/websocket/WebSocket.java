package io.rejoin.edge.websocket;

import java.time.Duration;

/** The sending side of an open connection. Safe from any thread; only {@link #awaitRoom} blocks. */
public interface WebSocket {
    /**
     * Queues a frame that {@link FrameWriter} made; the same array may be queued at many connections and must not change.
     *
     * @return false when the outbox is full or the connection is closing: the frame is not sent
     */
    boolean offerMessage(byte[] frame);

    /** Like {@link #offerMessage}, for a frame that no other connection has: its memory is counted until it is sent. */
    default boolean offerCopy(byte[] frame) {
        return offerMessage(frame);
    }

    /** Like {@link #offerMessage}, with a reserve on top, so that a client that is behind can still be answered. */
    boolean offerReply(byte[] frame);

    /**
     * Waits until half of the outbox is free, and there is room for a frame of that length.
     *
     * @param length of the frame that was refused; 0 when none was
     * @return false when that takes longer, or when the connection is closing
     */
    boolean awaitRoom(int length, Duration atMost) throws InterruptedException;

    /**
     * Calls back once what was queued until now is on the socket, or will not be. On a thread of the connection, or at once: it
     * must not block.
     */
    void whenSent(Runnable sent);

    /** Sends a ping, if there is room for one; what comes back shows in {@link #lastReceived}. */
    void ping();

    /** When the last bytes came in, whatever they were, by {@link System#nanoTime}. */
    long lastReceived();

    /**
     * Begins to close: what is queued goes out, then the close frame; then the peer's is awaited for a bounded time, and the
     * TCP connection ends, whether the peer reads or not. Only the first call counts.
     *
     * @param code RFC 6455, section 7.4: 1000 to 1014 as defined, or 3000 to 4999
     * @param reason cut to the 123 bytes that fit
     */
    void close(int code, String reason);

    /** Whether closing has not begun, from either side. */
    boolean isOpen();
}
