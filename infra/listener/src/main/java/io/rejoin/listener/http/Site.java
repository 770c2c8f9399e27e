package io.rejoin.listener.http;

/** What is answered to requests that are no handshakes. */
@FunctionalInterface
public interface Site {
    /**
     * Answers a request of any method and target. Called on the connection's own virtual thread; may block. What it throws is
     * logged, and answered with 500.
     *
     * @param reply to be called once
     */
    void answer(RequestHead request, Reply reply) throws RequestRefused, InterruptedException;

    /** Sends the answer to a request. */
    @FunctionalInterface
    interface Reply {
        /** Returns when the client has taken it; the connection ends when that takes longer than its deadline for writing. */
        void send(Answer answer);
    }
}
