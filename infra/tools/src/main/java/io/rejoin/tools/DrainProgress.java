package io.rejoin.tools;

import io.rejoin.contracts.log.EdgeHeartbeat;
import java.time.Duration;

/**
 * How far an edge is with what it was asked for, by the heartbeats that come. Told times by who reads them: in nanoseconds, as
 * {@code System.nanoTime}. Confined to one thread.
 */
final class DrainProgress {
    /** An edge that knows of orders reads one within some four seconds and says so within two, unless it is stopped or cut off. */
    private static final Duration REACTS = Duration.ofSeconds(10);
    private static final Duration HEARD = Duration.ofSeconds(15);

    /** What can be said now. */
    enum State {
        /** It does not say yet that it has the order. */
        ASKED,
        /** The same, for so long that something is wrong. */
        NO_REACTION,
        /** It has the order, and connections are left. */
        EMPTYING,
        /** All is as it was asked for. */
        DONE,
        /** It is heard no more. */
        SILENT
    }

    private final boolean undo;
    private final long begun;
    private EdgeHeartbeat latest;
    private long heard;
    /** What it said before it was asked proves nothing: it may be about to do what it was asked for before. */
    private boolean isHeardSince;

    DrainProgress(EdgeHeartbeat before, boolean undo, long now) {
        this.latest = before;
        this.undo = undo;
        this.begun = now;
        this.heard = now;
    }

    void heard(EdgeHeartbeat heartbeat, long now) {
        latest = heartbeat;
        heard = now;
        isHeardSince = true;
    }

    EdgeHeartbeat latest() {
        return latest;
    }

    State state(long now) {
        if (now - heard > HEARD.toNanos()) return State.SILENT;
        var isDrained = EdgeHeartbeat.DRAINED.equals(latest.status());
        if (!isHeardSince) return State.ASKED;
        if (isDrained == undo) return now - begun > REACTS.toNanos() ? State.NO_REACTION : State.ASKED;
        return undo || latest.connections() == 0 ? State.DONE : State.EMPTYING;
    }
}
