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
 * Which streams bring the deliveries of each shard, and since when none does. For a while there may be two: of the router that had
 * it, and of the next. Each is without holes by itself, so one of them is enough. Of one thread at a time, but for its count.
 */
final class Coverage {
    /**
     * Without a stream for so long, an edge may have been given up and forgotten by now: routers remember it for a day of the log's
     * time.
     */
    static final Duration DARK = Duration.ofMinutes(10);

    /** By partition: the routers whose streams bring it. */
    private final List<Set<String>> routers = new ArrayList<>();
    /** By partition: since when nobody brings it, where nobody does. */
    private final long[] since;
    private final LongSupplier nanoTime;
    private volatile int uncovered;
    /** By partition: the router that began to bring it last, where it still does. */
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
     * A stream begins to bring the deliveries of a shard.
     *
     * @return whether nothing came of that shard for long
     */
    boolean begins(int partition, String router) {
        if (!isKnown(partition)) return false; // the topic was made larger, which is not supported
        var bringing = routers.get(partition);
        var wasDark = bringing.isEmpty() && nanoTime.getAsLong() - since[partition] > DARK.toNanos();
        bringing.add(router);
        latest.set(partition, router);
        count();
        return wasDark;
    }

    /** The stream from that router brings the deliveries of a shard no longer. */
    void ends(int partition, String router) {
        if (isKnown(partition)) end(partition, router, nanoTime.getAsLong());
        count();
    }

    /**
     * The stream from that router is over.
     *
     * @param heardAt when something came of it last
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

    /** The edge has taken another incarnation, which nobody can have given up before now. */
    void renewed() {
        Arrays.fill(since, nanoTime.getAsLong());
    }

    /** The router that has a shard, as far as is known; null where that is not known. Safe for any thread. */
    @Nullable
    String router(int partition) {
        return isKnown(partition) ? latest.get(partition) : null;
    }

    /** How many shards no stream brings. Safe for any thread. */
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
