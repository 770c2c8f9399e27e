package io.rejoin.router.kafka;

/**
 * Limits the bytes that a shard may have in flight: so many of commands that wait for it, and as many again of records
 * on their way to Kafka. Beyond that the shard gets no more commands. All shards together take an eighth of the heap,
 * and one shard at most some megabytes. One fetch, and the outputs of one portion of commands, can exceed the limit.
 * Safe for any thread.
 */
public final class InFlightLimits {
    private static final long MAX_BYTES_PER_SHARD = 8L * 1024 * 1024;
    private static final long MAX_BACKLOG_BYTES = 64L * 1024 * 1024;

    /** The bytes of waiting commands of all shards; as many again are for records on their way. */
    private final long bytesOfAllShards;
    private volatile long bytesPerShard;
    private volatile long backlogBytesPerShard;

    /** Uses the heap of this process; for one shard until {@link #divideAmong} is called. */
    public InFlightLimits() {
        this(Runtime.getRuntime().maxMemory());
    }

    public InFlightLimits(long heapBytes) {
        this.bytesOfAllShards = heapBytes / 16;
        divideAmong(1);
    }

    /** Divides the limits among this many shards. */
    public void divideAmong(int shards) {
        bytesPerShard = Math.min(MAX_BYTES_PER_SHARD, bytesOfAllShards / Math.max(1, shards));
        backlogBytesPerShard = Math.min(MAX_BACKLOG_BYTES, bytesOfAllShards) / Math.max(1, shards);
    }

    /**
     * The bytes of sent batches that one shard may keep for sending again, for all edges together. When an edge opens a
     * new stream, all batches that are kept for it are queued at once. So the limit for the bytes that are queued for
     * all edges, which {@code Router} sets, is twice the limit for the kept bytes of all shards.
     */
    public long backlogBytesPerShard() {
        return backlogBytesPerShard;
    }

    /** The limit for all shards together, in each direction. */
    long bytesOfAllShards() {
        return bytesOfAllShards;
    }

    /** The limit for one shard, in each direction. */
    public long bytesPerShard() {
        return bytesPerShard;
    }
}
