package io.rejoin.listener;

import java.time.Duration;

/**
 * The current phase of a connection and the time when the phase began. The connection's own thread changes the phase;
 * any thread may read it. All times are values of {@code System.nanoTime}.
 */
final class ConnectionPhase {
    /** A connection that is silent for this long may be ended to free its place for another. */
    static final Duration SILENT = Duration.ofSeconds(1);

    /** What a connection is doing. */
    enum Phase {
        /** The connection waits for the head of a request, or for the body of an answered request. */
        REQUEST,
        /** A request is complete, and its answer is not. */
        ANSWER,
        /** The last request is answered. The next one may arrive. */
        IDLE,
        /** The connection speaks another protocol, which has its own deadlines. */
        UPGRADED,
        /** The last answer is sent. The connection waits for the client to close. */
        LINGER
    }

    private record State(Phase phase, long since) {}

    private volatile State state;
    /** When the current write began. Only valid while {@code writing} is true. */
    private volatile long writeBegan;
    private volatile boolean writing;
    /**
     * Only the connection's own thread uses these two: whether the current request has a body, and whether any byte of
     * its answer is sent.
     */
    private boolean hasBody;
    private boolean hasAnswered;

    ConnectionPhase(long accepted) {
        this.state = new State(Phase.REQUEST, accepted);
    }

    Phase phase() {
        return state.phase();
    }

    long since() {
        return state.since();
    }

    /**
     * Whether any byte of the answer to the current request is sent. Only the connection's own thread may call this.
     */
    boolean hasAnswered() {
        return hasAnswered;
    }

    /** Records that the head of a request is complete. */
    void requested(boolean withBody, long now) {
        hasBody = withBody;
        hasAnswered = false;
        state = new State(Phase.ANSWER, now);
    }

    /** Records that the connection's thread is about to wait for bytes. */
    void reads(long now) {
        if (state.phase() == Phase.ANSWER && hasAnswered) state = new State(hasBody ? Phase.REQUEST : Phase.IDLE, now);
    }

    /** Records that bytes arrived. */
    void hasRead(long now) {
        if (state.phase() == Phase.IDLE) state = new State(Phase.REQUEST, now);
    }

    /** Records that a write begins. */
    void writes(long now) {
        writeBegan = now;
        writing = true;
    }

    /** Records that the write is done. */
    void hasWritten(long now) {
        writing = false;
        if (state.phase() == Phase.UPGRADED) return;
        hasAnswered = true;
        if (state.phase() == Phase.REQUEST) state = new State(Phase.ANSWER, now); // refused before its head was complete
    }

    void upgraded(long now) {
        state = new State(Phase.UPGRADED, now);
    }

    void lingers(long now) {
        state = new State(Phase.LINGER, now);
    }

    /** Whether the connection has exceeded one of its deadlines. */
    boolean isOverdue(Deadlines deadlines, long now) {
        var seen = state;
        if (seen.phase() == Phase.UPGRADED) return false;
        if (writing && now - writeBegan > deadlines.write().toNanos()) return true;
        var most = switch (seen.phase()) {
            case REQUEST -> deadlines.request();
            case ANSWER -> deadlines.answer();
            case IDLE -> deadlines.idle();
            case LINGER -> Deadlines.LINGER;
            case UPGRADED -> throw new IllegalStateException("upgraded connections have no deadline");
        };
        return now - seen.since() > most.toNanos();
    }

    /**
     * Whether the connection can be ended without losing a request: it has been silent for longer than {@link #SILENT},
     * so its client is slow or gone.
     */
    boolean isDispensable(long now) {
        var seen = state;
        return (seen.phase() == Phase.REQUEST || seen.phase() == Phase.IDLE)
                && now - seen.since() > SILENT.toNanos();
    }
}
