package io.rejoin.listener;

/** A connection that the listener accepted and must end when the listener closes. Any thread may call its methods. */
interface Accepted {
    /** Asks the connection to end after its current work. */
    void stop();

    /** Ends the connection without waiting for its current work. */
    void stopNow();

    /** Closes the socket at once, without a last message to the client. */
    void abort();
}
