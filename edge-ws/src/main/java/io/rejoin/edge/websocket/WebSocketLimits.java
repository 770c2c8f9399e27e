package io.rejoin.edge.websocket;

import java.time.Duration;

/**
 * What one connection may cost.
 *
 * @param messageBytes the largest message taken, over all its fragments; beyond it the connection is closed with 1009
 * @param outboxBytes what may wait to be sent, counted with a small charge for each frame
 * @param rates what a client may send
 * @param memory what the frames that are made for one client alone may take, over all connections
 * @param linger how long a closing connection may take to send what is queued and to see the peer's close frame
 */
public record WebSocketLimits(int messageBytes, int outboxBytes, Rates rates, FrameMemory memory, Duration linger) {
    private static final Duration DEFAULT_LINGER = Duration.ofSeconds(5);

    public WebSocketLimits {
        if (messageBytes < 1) throw new IllegalArgumentException("message limit < 1 byte: " + messageBytes);
        if (outboxBytes < 1) throw new IllegalArgumentException("outbox < 1 byte: " + outboxBytes);
        if (linger.isNegative()) throw new IllegalArgumentException("linger < 0: " + linger);
    }

    /** Limits with the usual linger, 5 seconds. */
    public static WebSocketLimits of(int messageBytes, int outboxBytes, Rates rates, FrameMemory memory) {
        return new WebSocketLimits(messageBytes, outboxBytes, rates, memory, DEFAULT_LINGER);
    }
}
