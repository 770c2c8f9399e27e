package io.rejoin.listener;

import java.time.Duration;

/**
 * How far a connection is, and since when. Its own thread moves it on; any thread may look. Times are those of
 * {@code System.nanoTime}.
 */
final class Progress {
    /** Silence after which a connection may have to make room for another one. */
    static final Duration SILENT = Duration.ofSeconds(1);

    /** What a connection is doing. */
    enum Phase {
        /** The head of a request is to come, or the body of one that is answered. */
        REQUEST,
        /** A request is being answered. */
        ANSWER,
        /** It is answered; the next one may come. */
        IDLE,
        /** It speaks another protocol, which keeps its own time. */
        UPGRADED,
        /** All is said; the client is to go. */
        LINGER
    }

    private record State(Phase phase, long since) {}

    private volatile State state;
    /** When the write that is under way began; only read while there is one. */
    private volatile long writeBegan;
    private volatile boolean writing;
    /** Of the connection's own thread: whether this request has a body, and whether any of its answer is sent. */
    private boolean hasBody;
    private boolean hasAnswered;

    Progress(long accepted) {
        this.state = new State(Phase.REQUEST, accepted);
    }

    Phase phase() {
        return state.phase();
    }

    long since() {
        return state.since();
    }

    /** Whether any of the answer to the present request is sent. Of the connection's own thread alone. */
    boolean hasAnswered() {
        return hasAnswered;
    }

    /** The head of a request is complete. */
    void requested(boolean withBody, long now) {
        hasBody = withBody;
        hasAnswered = false;
        state = new State(Phase.ANSWER, now);
    }

    /** The thread is about to wait for bytes. */
    void reads(long now) {
        if (state.phase() == Phase.ANSWER && hasAnswered) state = new State(hasBody ? Phase.REQUEST : Phase.IDLE, now);
    }

    /** Bytes came. */
    void hasRead(long now) {
        if (state.phase() == Phase.IDLE) state = new State(Phase.REQUEST, now);
    }

    /** A write begins. */
    void writes(long now) {
        writeBegan = now;
        writing = true;
    }

    /** The write is done. */
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

    /** Whether the connection has used up its time. */
    boolean isOverdue(Deadlines deadlines, long now) {
        var seen = state;
        if (seen.phase() == Phase.UPGRADED) return false;
        if (writing && now - writeBegan > deadlines.write().toNanos()) return true;
        var most = switch (seen.phase()) {
            case REQUEST -> deadlines.request();
            case ANSWER -> deadlines.answer();
            case IDLE -> deadlines.idle();
            case LINGER -> Deadlines.LINGER;
            case UPGRADED -> throw new IllegalStateException("looked at above");
        };
        return now - seen.since() > most.toNanos();
    }

    /** Whether nothing would be lost but a client that is slow, or gone. */
    boolean isDispensable(long now) {
        var seen = state;
        return (seen.phase() == Phase.REQUEST || seen.phase() == Phase.IDLE)
                && now - seen.since() > SILENT.toNanos();
    }
}
