package io.rejoin.edge.fanout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tracks which streams bring the deliveries of each shard, and since when a shard has none. During a takeover a shard
 * may have two streams: of its old router and of its new one. Each stream is without holes by itself, so one of them is
 * enough. Only one thread may use it at a time, except for {@link #router} and {@link #uncovered()}.
 */
final class Coverage {
    /**
     * After this long without a stream, routers may have given this edge up and forgotten that they did. They remember
     * it for a day of log time.
     */
    static final Duration DARK = Duration.ofMinutes(10);

    /** By partition: the routers whose streams bring the shard. */
    private final List<Set<String>> routers = new ArrayList<>();
    /** By partition: since when the shard has no stream. Meaningless while it has one. */
    private final long[] since;
    private final LongSupplier nanoTime;
    private volatile int uncovered;
    /** By partition: the router that began last to bring the shard; null if no stream does. */
    private final AtomicReferenceArray<@Nullable String> latest;

    Coverage(int shards, LongSupplier nanoTime) {
        for (var partition = 0; partition < shards; partition++) routers.add(new HashSet<>());
        this.latest = new AtomicReferenceArray<>(shards);
        this.since = new long[shards];
        this.nanoTime = nanoTime;
        this.uncovered = shards;
        Arrays.fill(since, nanoTime.getAsLong());
    }

    /**
     * Records that a stream begins to bring the deliveries of a shard.
     *
     * @return whether the shard had no stream for longer than {@link #DARK}
     */
    boolean begins(int partition, String router) {
        if (!isKnown(partition)) return false; // somebody added partitions to the topic, which is not supported
        var bringing = routers.get(partition);
        var wasDark = bringing.isEmpty() && nanoTime.getAsLong() - since[partition] > DARK.toNanos();
        bringing.add(router);
        latest.set(partition, router);
        count();
        return wasDark;
    }

    /** Records that a router's stream no longer brings the deliveries of a shard. */
    void ends(int partition, String router) {
        if (isKnown(partition)) end(partition, router, nanoTime.getAsLong());
        count();
    }

    /**
     * Records that a router's stream has ended.
     *
     * @param heardAt when the last frame of that stream arrived
     */
    void ended(String router, long heardAt) {
        for (var partition = 0; partition < routers.size(); partition++) end(partition, router, heardAt);
        count();
    }

    private void end(int partition, String router, long heardAt) {
        var bringing = routers.get(partition);
        if (!bringing.remove(router)) return;
        if (router.equals(latest.get(partition))) latest.set(partition, bringing.stream().findFirst().orElse(null));
        if (bringing.isEmpty()) since[partition] = heardAt;
    }

    /** The edge has begun a new incarnation. No router can have given that one up yet, so all waits start anew. */
    void renewed() {
        Arrays.fill(since, nanoTime.getAsLong());
    }

    /** The router that owns a shard; null if not known. Safe for any thread. */
    @Nullable
    String router(int partition) {
        return isKnown(partition) ? latest.get(partition) : null;
    }

    /** The number of shards without a stream. Safe for any thread. */
    int uncovered() {
        return uncovered;
    }

    private boolean isKnown(int partition) {
        return partition >= 0 && partition < routers.size();
    }

    private void count() {
        uncovered = (int) routers.stream().filter(Set::isEmpty).count();
    }
}
