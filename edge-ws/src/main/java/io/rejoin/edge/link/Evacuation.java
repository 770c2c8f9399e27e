package io.rejoin.edge.link;

import io.rejoin.contracts.log.EdgeHeartbeat;
import java.time.Duration;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the clients of this edge to other edges when some shards have had no stream for long. On this edge, clients
 * receive nothing from the rooms of these shards. If no other edge is healthy, the clients stay. Only the thread that
 * reads {@code rejoin.edges} may change it.
 */
public final class Evacuation {
    private static final Logger log = LoggerFactory.getLogger(Evacuation.class);
    /** How long a shard must be without a stream. A takeover, or the start of a router, takes less time. */
    static final Duration PATIENCE = Duration.ofSeconds(20);
    /** How long a heartbeat of another edge counts as recent. An edge sends one every two seconds, or more often. */
    static final Duration LATELY = Duration.ofSeconds(5);
    /** The same while all shards have a stream here: the topic is then read up to four seconds late. */
    private static final Duration LATELY_COVERED = Duration.ofSeconds(10);
    /** For this long after a healthy heartbeat, further heartbeats need not be decoded. */
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
     * Starts without an evacuation.
     *
     * @param edge      the id of this edge
     * @param uncovered the number of shards without a stream
     * @param begin     begins to send clients away; must return at once
     * @param end       lets clients in again
     */
    public Evacuation(String edge, IntSupplier uncovered, Runnable begin, Runnable end, LongSupplier nanoTime) {
        this.edge = edge;
        this.uncovered = uncovered;
        this.begin = begin;
        this.end = end;
        this.nanoTime = nanoTime;
    }

    /** Whether the next heartbeat of another edge has to be decoded. */
    boolean isNewsWanted() {
        return !isAnyWell || nanoTime.getAsLong() - wellAt >= KNOWN.toNanos();
    }

    /** Handles a heartbeat of any edge. */
    void heard(EdgeHeartbeat heartbeat) {
        var status = heartbeat.status();
        if (heartbeat.edge().edge().equals(edge) || status == null || !WELL.contains(status)) return;
        wellAt = nanoTime.getAsLong();
        isAnyWell = true;
    }

    /** Whether another edge reported lately that it is healthy. Safe for any thread. */
    public boolean isWellElsewhere() {
        return isAnyWell && nanoTime.getAsLong() - wellAt < (isDark ? LATELY : LATELY_COVERED).toNanos();
    }

    /** Whether some shard had no stream at the last {@link #look}. */
    boolean isDark() {
        return isDark;
    }

    /** Begins or ends the evacuation as needed. To be called every few seconds. */
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
                    .log("no router sends the deliveries of some shards, and other edges are healthy:"
                            + " this edge sends its clients to them");
            begin.run();
        } else {
            log.atInfo().log("this edge accepts clients again");
            end.run();
        }
    }
}
