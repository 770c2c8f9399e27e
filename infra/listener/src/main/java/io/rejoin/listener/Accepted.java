package io.rejoin.listener;

/** What a listener has let in, and ends when it ends itself. Safe for any thread. */
interface Accepted {
    /** Asks it to end once what it is doing is done. */
    void stop();

    /** Ends it without regard to what it is doing. */
    void stopNow();

    /** Ends it and tells nobody. */
    void abort();
}
