package io.rejoin.listener.http;

/** Answers the requests of a service, except WebSocket handshakes. */
@FunctionalInterface
public interface Site {
    /**
     * Answers a request of any method and target. Runs on the connection's own virtual thread, so it may block. Any
     * other exception is logged and answered with 500.
     *
     * @param reply to be called exactly once
     */
    void answer(RequestHead request, Reply reply) throws RequestRefused, InterruptedException;

    /** Sends the answer to a request. */
    @FunctionalInterface
    interface Reply {
        /**
         * Sends the answer and blocks until it is written. If the write takes longer than its deadline, the connection
         * ends.
         */
        void send(Answer answer);
    }
}
