package io.rejoin.edge.websocket;

import java.time.Duration;

/**
 * The limits of one connection.
 *
 * @param messageBytes the largest message from the client, over all its fragments; a larger one closes the connection
 *                     with 1009
 * @param outboxBytes how many bytes may wait to be sent, counted with a small charge for each frame
 * @param rates how much a client may send
 * @param memory the memory for frames that only one client gets, shared by all connections
 * @param linger how long a closing connection may take to send the queued frames and to receive the peer's close frame
 */
public record WebSocketLimits(int messageBytes, int outboxBytes, Rates rates, FrameMemory memory, Duration linger) {
    private static final Duration DEFAULT_LINGER = Duration.ofSeconds(5);

    public WebSocketLimits {
        if (messageBytes < 1) throw new IllegalArgumentException("message limit < 1 byte: " + messageBytes);
        if (outboxBytes < 1) throw new IllegalArgumentException("outbox < 1 byte: " + outboxBytes);
        if (linger.isNegative()) throw new IllegalArgumentException("linger < 0: " + linger);
    }

    /** Creates limits with the default linger of 5 seconds. */
    public static WebSocketLimits of(int messageBytes, int outboxBytes, Rates rates, FrameMemory memory) {
        return new WebSocketLimits(messageBytes, outboxBytes, rates, memory, DEFAULT_LINGER);
    }
}
