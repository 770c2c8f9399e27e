package io.rejoin.tools;

import io.rejoin.contracts.log.EdgeHeartbeat;
import java.time.Duration;

/**
 * Follows how far an edge has carried out an order to drain or to serve, by its heartbeats. The caller passes the
 * times, in nanoseconds of {@code System.nanoTime}. Confined to one thread.
 */
final class DrainProgress {
    /**
     * The longest time until an edge reacts. An edge that knows orders reads one within about four seconds, and reports
     * it within two more, unless it is stopped or cut off.
     */
    private static final Duration REACTS = Duration.ofSeconds(10);
    private static final Duration HEARD = Duration.ofSeconds(15);

    /** The state of the order. */
    enum State {
        /** The edge has not reported yet that it has the order. */
        ASKED,
        /** The edge has not reported that for too long: something is wrong. */
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
