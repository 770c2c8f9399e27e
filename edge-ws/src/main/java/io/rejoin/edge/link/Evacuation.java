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
    static final Duration EVACUATE_AFTER = Duration.ofSeconds(20);
    /** How long a heartbeat of another edge counts as recent. An edge sends one every two seconds, or more often. */
    static final Duration HEALTHY_FOR = Duration.ofSeconds(5);
    /** The same while all shards have a stream here: the topic is then read up to four seconds late. */
    private static final Duration HEALTHY_FOR_WHILE_COVERED = Duration.ofSeconds(10);
    /** For this long after a healthy heartbeat, further heartbeats need not be decoded. */
    static final Duration SKIP_HEARTBEATS_FOR = Duration.ofSeconds(2);
    private static final Set<String> HEALTHY = Set.of("ok", "degraded");

    private final String edge;
    private final IntSupplier uncoveredShards;
    private final Runnable begin;
    private final Runnable end;
    private final LongSupplier nanoTime;
    private volatile boolean hasUncoveredShards;
    private long uncoveredSince;
    private volatile boolean hasHealthyHeartbeat;
    private volatile long lastHealthyAt;
    private boolean isEvacuating;

    /**
     * Starts without an evacuation.
     *
     * @param edge            the id of this edge
     * @param uncoveredShards the number of shards without a stream
     * @param begin           begins to send clients away; must return at once
     * @param end             lets clients in again
     */
    public Evacuation(String edge, IntSupplier uncoveredShards, Runnable begin, Runnable end, LongSupplier nanoTime) {
        this.edge = edge;
        this.uncoveredShards = uncoveredShards;
        this.begin = begin;
        this.end = end;
        this.nanoTime = nanoTime;
    }

    /** Whether the next heartbeat of another edge has to be decoded. */
    boolean needsHeartbeat() {
        return !hasHealthyHeartbeat || nanoTime.getAsLong() - lastHealthyAt >= SKIP_HEARTBEATS_FOR.toNanos();
    }

    /** Handles a heartbeat of any edge. */
    void onHeartbeat(EdgeHeartbeat heartbeat) {
        var status = heartbeat.status();
        if (heartbeat.edge().edge().equals(edge) || status == null || !HEALTHY.contains(status)) return;
        lastHealthyAt = nanoTime.getAsLong();
        hasHealthyHeartbeat = true;
    }

    /** Whether another edge reported lately that it is healthy. Safe for any thread. */
    public boolean isAnotherEdgeHealthy() {
        var maxAge = hasUncoveredShards ? HEALTHY_FOR : HEALTHY_FOR_WHILE_COVERED;
        return hasHealthyHeartbeat && nanoTime.getAsLong() - lastHealthyAt < maxAge.toNanos();
    }

    /** Whether some shard had no stream at the last {@link #update}. */
    boolean hasUncoveredShards() {
        return hasUncoveredShards;
    }

    /** Begins or ends the evacuation as needed. To be called every few seconds. */
    void update() {
        var now = nanoTime.getAsLong();
        var hadUncoveredShards = hasUncoveredShards;
        hasUncoveredShards = uncoveredShards.getAsInt() > 0;
        if (hasUncoveredShards && !hadUncoveredShards) uncoveredSince = now;
        var mustEvacuate = hasUncoveredShards && isAnotherEdgeHealthy()
                && now - uncoveredSince > EVACUATE_AFTER.toNanos();
        if (mustEvacuate == isEvacuating) return;
        isEvacuating = mustEvacuate;
        if (mustEvacuate) {
            log.atWarn().addKeyValue("shards", uncoveredShards.getAsInt())
                    .log("no router sends the deliveries of some shards, and other edges are healthy:"
                            + " this edge sends its clients to them");
            begin.run();
        } else {
            log.atInfo().log("this edge accepts clients again");
            end.run();
        }
    }
}
