package io.rejoin.router.kafka;

/**
 * How many bytes a shard of this router may have waiting for it, and as many again on their way to Kafka. Beyond that it gets
 * no more commands. All shards together take an eighth of the heap, and one of them not more than some megabytes of that. What
 * comes at once comes on top: a fetch, and what follows from one portion of commands. Safe for any thread.
 */
final class InFlight {
    private static final long MOST = 8L * 1024 * 1024;
    private static final long MOST_KEPT = 64L * 1024 * 1024;

    /** Of all shards, what waits; and as much again of what is on its way. */
    private final long all;
    private volatile long each;
    private volatile long kept;

    /** By the heap of this process; for one shard, until there are more. */
    InFlight() {
        this(Runtime.getRuntime().maxMemory());
    }

    InFlight(long heap) {
        this.all = heap / 16;
        share(1);
    }

    /** So many shards there are from now on. */
    void share(int shards) {
        each = Math.min(MOST, all / Math.max(1, shards));
        kept = Math.min(MOST_KEPT, all) / Math.max(1, shards);
    }

    /**
     * How much one shard may keep of what it told edges. A stream that begins brings all of it for its edge: what may wait for edges
     * is twice as much.
     */
    long kept() {
        return kept;
    }

    /** How much all shards together may have, of either. */
    long all() {
        return all;
    }

    /** How much one shard may have, of either. */
    long each() {
        return each;
    }
}
