package io.rejoin.edge.websocket;

import java.time.Duration;

/**
 * How much a client may send, pings included. Four seconds' worth may come at once. A client that sends more is read
 * more slowly.
 *
 * @param messages per second
 * @param bytes    per second
 * @param patience how long a client may keep sending far more before it is closed with 4429
 */
public record Rates(int messages, int bytes, Duration patience) {
    /** The burst, in seconds of the rate. */
    static final int BURST = 4;

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    public Rates {
        if (messages < 1) throw new IllegalArgumentException("less than one message a second: " + messages);
        if (bytes < 1) throw new IllegalArgumentException("less than one byte a second: " + bytes);
    }

    /** Creates rates with the default patience of one minute. */
    public static Rates of(int messages, int bytes) {
        return new Rates(messages, bytes, PATIENCE);
    }
}
