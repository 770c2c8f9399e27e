package io.rejoin.edge.link;

import io.rejoin.contracts.log.EdgeHeartbeat;
import java.time.Duration;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the clients of this edge elsewhere when it gets nothing of some shards for long, while another edge is well: here they
 * would wait in silence. Where no edge is well, they stay. Moved on by the thread that reads {@code rejoin.edges} alone.
 */
public final class Evacuation {
    private static final Logger log = LoggerFactory.getLogger(Evacuation.class);
    /** A takeover is over by then, and so is the start of a router. */
    static final Duration PATIENCE = Duration.ofSeconds(20);
    /** An edge says every two seconds how it is. */
    static final Duration LATELY = Duration.ofSeconds(5);
    /** That is heard some four seconds later at most, while all shards are covered here. */
    private static final Duration LATELY_COVERED = Duration.ofSeconds(10);
    /** Once one is known to be well, nobody need look so soon what the others say. */
    static final Duration KNOWN = Duration.ofSeconds(2);
    private static final Set<String> WELL = Set.of("ok", "degraded");

    private final String edge;
    private final IntSupplier uncovered;
    private final Runnable begin;
    private final Runnable end;
    private final LongSupplier nanoTime;
    private volatile boolean isDark;
    private long darkSince;
    private volatile boolean isAnyWell;
    private volatile long wellAt;
    private boolean isUnderWay;

    /**
     * Nobody is sent away yet.
     *
     * @param edge      the id of this one
     * @param uncovered of how many shards it gets nothing
     * @param begin     begins to send clients away, and returns at once
     * @param end       lets clients in again
     */
    public Evacuation(String edge, IntSupplier uncovered, Runnable begin, Runnable end, LongSupplier nanoTime) {
        this.edge = edge;
        this.uncovered = uncovered;
        this.begin = begin;
        this.end = end;
        this.nanoTime = nanoTime;
    }

    /** Whether it matters what the next edge says of how it is. */
    boolean isNewsWanted() {
        return !isAnyWell || nanoTime.getAsLong() - wellAt >= KNOWN.toNanos();
    }

    /** An edge says how it is. */
    void heard(EdgeHeartbeat heartbeat) {
        var status = heartbeat.status();
        if (heartbeat.edge().edge().equals(edge) || status == null || !WELL.contains(status)) return;
        wellAt = nanoTime.getAsLong();
        isAnyWell = true;
    }

    /** Whether another edge said lately that it is well. Safe for any thread. */
    public boolean isWellElsewhere() {
        return isAnyWell && nanoTime.getAsLong() - wellAt < (isDark ? LATELY : LATELY_COVERED).toNanos();
    }

    /** Whether there was nothing of some shards when it was looked at last. */
    boolean isDark() {
        return isDark;
    }

    /** To be called every few seconds. */
    void look() {
        var now = nanoTime.getAsLong();
        var wasDark = isDark;
        isDark = uncovered.getAsInt() > 0;
        if (isDark && !wasDark) darkSince = now;
        var isWanted = isDark && isWellElsewhere() && now - darkSince > PATIENCE.toNanos();
        if (isWanted == isUnderWay) return;
        isUnderWay = isWanted;
        if (isWanted) {
            log.atWarn().addKeyValue("shards", uncovered.getAsInt())
                    .log("no router brings the deliveries of some shards, and other edges are well: all clients are sent there");
            begin.run();
        } else {
            log.atInfo().log("clients are let in again");
            end.run();
        }
    }
}
