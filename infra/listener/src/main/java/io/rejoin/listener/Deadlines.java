package io.rejoin.listener;

import java.time.Duration;

/**
 * How long each phase of a plain HTTP connection may take. Upgraded connections have deadlines of their own.
 *
 * @param request until the request's head is complete; starts when the connection is accepted, later with the first
 *                byte of each request
 * @param answer  from the complete head until the answer is sent; longer than any intended delay of an answer
 * @param idle    between an answer and the next request; longer than proxies keep idle connections, so that proxies
 *                close first
 * @param write   how long one write may wait for a client that does not read
 */
public record Deadlines(Duration request, Duration answer, Duration idle, Duration write) {
    public static final Deadlines USUAL = new Deadlines(Duration.ofSeconds(10), Duration.ofSeconds(60),
            Duration.ofSeconds(75), Duration.ofSeconds(30));
    /**
     * How long a connection waits for the client to close after the last answer. Closing at once could destroy that
     * answer.
     */
    static final Duration LINGER = Duration.ofSeconds(2);

    /** A copy with another deadline for writes. */
    public Deadlines withWrite(Duration most) {
        return new Deadlines(request, answer, idle, most);
    }
}
