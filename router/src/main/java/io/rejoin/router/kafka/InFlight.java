package io.rejoin.router.kafka;

/**
 * Limits the bytes that a shard may have in flight: so many of commands that wait for it, and as many again of records
 * on their way to Kafka. Beyond that the shard gets no more commands. All shards together take an eighth of the heap,
 * and one shard at most some megabytes. One fetch, and the outputs of one portion of commands, can exceed the limit.
 * Safe for any thread.
 */
final class InFlight {
    private static final long MAX = 8L * 1024 * 1024;
    private static final long MAX_KEPT = 64L * 1024 * 1024;

    /** The bytes of waiting commands of all shards; as many again are for records on their way. */
    private final long all;
    private volatile long each;
    private volatile long kept;

    /** Takes the heap of this process; for one shard until {@link #share} is called. */
    InFlight() {
        this(Runtime.getRuntime().maxMemory());
    }

    InFlight(long heap) {
        this.all = heap / 16;
        share(1);
    }

    /** Divides the limits among this many shards. */
    void share(int shards) {
        each = Math.min(MAX, all / Math.max(1, shards));
        kept = Math.min(MAX_KEPT, all) / Math.max(1, shards);
    }

    /**
     * The bytes of sent batches that one shard may keep for sending again, for all edges together. When an edge opens a
     * new stream, all batches that are kept for it are queued at once. So the limit for the bytes that are queued for
     * all edges, which {@code Router} sets, is twice the limit for the kept bytes of all shards.
     */
    long kept() {
        return kept;
    }

    /** The limit for all shards together, in each direction. */
    long all() {
        return all;
    }

    /** The limit for one shard, in each direction. */
    long each() {
        return each;
    }
}
