package io.rejoin.tools;

import io.rejoin.contracts.log.EdgeHeartbeat;
import java.time.Duration;

/**
 * Follows how far an edge has carried out an order to drain or to serve, by its heartbeats. The caller passes the
 * times, in nanoseconds of {@code System.nanoTime}. Confined to one thread.
 */
final class DrainProgress {
    /**
     * The longest time until an edge reacts. An edge reads an order within about four seconds, and reports it within
     * two more, unless the edge is stopped or cut off. An edge of a version that does not read orders gets none: see
     * {@link DrainChoice}.
     */
    private static final Duration REACTS = Duration.ofSeconds(10);
    private static final Duration HEARD = Duration.ofSeconds(15);

    /** The state of the order. */
    enum State {
        /** The edge has not reported yet that it has the order. */
        ASKED,
        /** The edge sends heartbeats, but has not reported within {@link #REACTS} that it has the order. */
        NO_REACTION,
        /** The edge has the order, and still has connections. */
        EMPTYING,
        /** The order is carried out. */
        DONE,
        /** The edge sends no heartbeats any more. */
        SILENT
    }

    private final boolean undo;
    private final long begun;
    private EdgeHeartbeat latest;
    private long heard;
    /**
     * Whether a heartbeat has come since the order. An earlier heartbeat proves nothing: the edge may be about to carry
     * out an earlier order.
     */
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
