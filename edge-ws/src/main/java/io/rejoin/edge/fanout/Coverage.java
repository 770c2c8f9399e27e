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
 * enough. Only one thread may use it at a time, except for {@link #routerOf} and {@link #uncoveredShards()}.
 */
final class Coverage {
    /**
     * After this long without a stream, routers may have given this edge up and forgotten that they did. They remember
     * it for a day of log time.
     */
    static final Duration RENEW_AFTER = Duration.ofMinutes(10);

    /** By partition: the routers whose streams bring the shard. */
    private final List<Set<String>> routers = new ArrayList<>();
    /** By partition: since when the shard has no stream. Meaningless while it has one. */
    private final long[] uncoveredSince;
    private final LongSupplier nanoTime;
    private volatile int uncoveredShards;
    /** By partition: the router that began last to bring the shard; null if no stream does. */
    private final AtomicReferenceArray<@Nullable String> latestRouter;

    Coverage(int shards, LongSupplier nanoTime) {
        for (var partition = 0; partition < shards; partition++) routers.add(new HashSet<>());
        this.latestRouter = new AtomicReferenceArray<>(shards);
        this.uncoveredSince = new long[shards];
        this.nanoTime = nanoTime;
        this.uncoveredShards = shards;
        Arrays.fill(uncoveredSince, nanoTime.getAsLong());
    }

    /**
     * Records that a stream begins to bring the deliveries of a shard.
     *
     * @return whether the shard had no stream for longer than {@link #RENEW_AFTER}
     */
    boolean addStream(int partition, String router) {
        if (!isKnown(partition)) return false; // somebody added partitions to the topic, which is not supported
        var routersOfShard = routers.get(partition);
        var wasUncoveredForLong = routersOfShard.isEmpty()
                && nanoTime.getAsLong() - uncoveredSince[partition] > RENEW_AFTER.toNanos();
        routersOfShard.add(router);
        latestRouter.set(partition, router);
        updateUncovered();
        return wasUncoveredForLong;
    }

    /** Records that a router's stream no longer brings the deliveries of a shard. */
    void removeStream(int partition, String router) {
        if (isKnown(partition)) remove(partition, router, nanoTime.getAsLong());
        updateUncovered();
    }

    /**
     * Records that a router's stream has ended.
     *
     * @param lastFrameAt when the last frame of that stream arrived
     */
    void removeStreams(String router, long lastFrameAt) {
        for (var partition = 0; partition < routers.size(); partition++) remove(partition, router, lastFrameAt);
        updateUncovered();
    }

    private void remove(int partition, String router, long lastFrameAt) {
        var routersOfShard = routers.get(partition);
        if (!routersOfShard.remove(router)) return;
        if (router.equals(latestRouter.get(partition)))
            latestRouter.set(partition, routersOfShard.stream().findFirst().orElse(null));
        if (routersOfShard.isEmpty()) uncoveredSince[partition] = lastFrameAt;
    }

    /**
     * The edge has begun a new incarnation. No router can have given that one up yet, so the time of each uncovered
     * shard starts again.
     */
    void restartTimes() {
        Arrays.fill(uncoveredSince, nanoTime.getAsLong());
    }

    /** The router that owns a shard; null if not known. Safe for any thread. */
    @Nullable
    String routerOf(int partition) {
        return isKnown(partition) ? latestRouter.get(partition) : null;
    }

    /** The number of shards without a stream. Safe for any thread. */
    int uncoveredShards() {
        return uncoveredShards;
    }

    private boolean isKnown(int partition) {
        return partition >= 0 && partition < routers.size();
    }

    private void updateUncovered() {
        uncoveredShards = (int) routers.stream().filter(Set::isEmpty).count();
    }
}
