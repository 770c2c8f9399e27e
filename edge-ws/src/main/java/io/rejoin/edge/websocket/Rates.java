package io.rejoin.edge.websocket;

import java.time.Duration;

/**
 * What a client may send, pings included. Four seconds' worth may come at once; whoever sends more is read more slowly.
 *
 * @param messages a second
 * @param bytes    a second
 * @param patience how long a client may go on sending much more before it is closed with 4429
 */
public record Rates(int messages, int bytes, Duration patience) {
    /** In seconds. */
    static final int BURST = 4;

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    public Rates {
        if (messages < 1) throw new IllegalArgumentException("less than one message a second: " + messages);
        if (bytes < 1) throw new IllegalArgumentException("less than one byte a second: " + bytes);
    }

    /** Rates with the usual patience, one minute. */
    public static Rates of(int messages, int bytes) {
        return new Rates(messages, bytes, PATIENCE);
    }
}
