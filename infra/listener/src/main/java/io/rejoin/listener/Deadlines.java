package io.rejoin.listener;

import java.time.Duration;

/**
 * How long a plain HTTP connection may take. A connection that became a WebSocket keeps its own time.
 *
 * @param request from accepting a connection, later from the first byte of a request, until the request's head is complete
 * @param answer  from there until the answer is sent; longer than any answer that is held back on purpose
 * @param idle    between an answer and the next request; longer than proxies keep connections, so that they close first
 * @param write   how long a write may wait for a client that does not read
 */
public record Deadlines(Duration request, Duration answer, Duration idle, Duration write) {
    public static final Deadlines USUAL = new Deadlines(Duration.ofSeconds(10), Duration.ofSeconds(60),
            Duration.ofSeconds(75), Duration.ofSeconds(30));
    /** How long a connection that is over waits for the client to go, so that the last answer is not torn down with it. */
    static final Duration LINGER = Duration.ofSeconds(2);

    /** The same with another bound for a write. */
    public Deadlines withWrite(Duration most) {
        return new Deadlines(request, answer, idle, most);
    }
}
