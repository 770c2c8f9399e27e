package io.rejoin.router.partition;

import io.rejoin.router.kafka.SheddingAssignor;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides how many shards this router keeps, by the free memory. When memory is short, the router gives one shard up,
 * waits for the effect, and then gives the next one up. It accepts shards again only after a long time with plenty of
 * memory, and after a longer time on each further round. So shards do not move back and forth. Only one thread may call
 * {@link #update}; the other methods are safe for any thread.
 */
final class ShardLimiter {
    private static final Logger log = LoggerFactory.getLogger(ShardLimiter.class);
    /**
     * Shares of the heap in use after a collection. Memory is short from {@link #SHORT_FROM} up, and plenty below
     * {@link #PLENTY_BELOW}.
     */
    private static final double SHORT_FROM = 0.85;
    private static final double PLENTY_BELOW = 0.70;
    /** Memory must be short for this long before a shard is given up. */
    static final Duration MIN_SHORT_TIME = Duration.ofSeconds(5);
    /**
     * The effect of giving a shard up is known after this time and {@link #EFFECT_COLLECTIONS} concurrent collections.
     * The first of them may have begun before the shard left. G1 frees most of what a concurrent collection found in
     * some later young collections.
     */
    static final Duration EFFECT_DELAY = Duration.ofMinutes(1);
    static final int EFFECT_COLLECTIONS = 2;
    /**
     * Memory must be plenty for this long before other shards are accepted; doubled on each round up to
     * {@link #MAX_RECOVERY_TIME}.
     */
    static final Duration FIRST_RECOVERY_TIME = Duration.ofMinutes(15);
    private static final Duration MAX_RECOVERY_TIME = Duration.ofHours(8);

    /**
     * The memory in use.
     *
     * @param usedShare             share of the heap in use after the last collection, from 0 to 1
     * @param concurrentCollections number of concurrent collections of the whole heap so far; {@code usedShare} shows
     *                              their effect some time later
     * @param fullCollections       number of stop-the-world collections of the whole heap so far; {@code usedShare}
     *                              shows their effect at once
     */
    record Reading(double usedShare, long concurrentCollections, long fullCollections) {}

    private final Supplier<Reading> readings;
    private volatile int limit = SheddingAssignor.NO_LIMIT;
    private volatile @Nullable String memoryProblem;
    private Duration recoveryTime = FIRST_RECOVERY_TIME;
    private boolean wasShort;
    private boolean hadPlenty;
    /** When memory last became short or plenty, or stopped being so; by the stopwatch. */
    private long stateSince;
    /**
     * The number of shards when the last one was given up. While the number is still the same, no router has taken it.
     */
    private int shardsBefore = SheddingAssignor.NO_LIMIT;
    private boolean hasShardLeft;
    /** When the last shard that was given up had left, by the stopwatch, and the reading at that time. */
    private long shardLeftAt;
    private Reading readingWhenLeft = new Reading(0, 0, 0);

    /** Measures the heap of this process. */
    ShardLimiter() {
        this(Heap::afterCollection);
    }

    ShardLimiter(Supplier<Reading> readings) {
        this.readings = readings;
    }

    /** How many shards this router keeps; {@link SheddingAssignor#NO_LIMIT} if there is no limit. */
    int limit() {
        return limit;
    }

    /** The memory problem and its remedy; null if there is none. */
    @Nullable
    String memoryProblem() {
        return memoryProblem;
    }

    /**
     * Takes a reading and adjusts the limit.
     *
     * @param shards number of shards that this router has
     * @param now    as {@code System.nanoTime}
     * @return whether the limit has changed: the group must then be rebalanced
     */
    boolean update(int shards, long now) {
        var reading = readings.get();
        var usedShare = reading.usedShare();
        var isShort = usedShare >= SHORT_FROM;
        var hasPlenty = usedShare < PLENTY_BELOW;
        if (isShort != wasShort || hasPlenty != hadPlenty) stateSince = now;
        wasShort = isShort;
        hadPlenty = hasPlenty;
        memoryProblem = isShort ? describeShortage(usedShare, shards) : null;
        recordIfShardLeft(shards, reading, now);
        if (isShort && hasLasted(MIN_SHORT_TIME, now)) return lowerLimit(shards, reading, now);
        if (hasPlenty && limit != SheddingAssignor.NO_LIMIT && hasLasted(recoveryTime, now)) return removeLimit();
        return false;
    }

    private boolean hasLasted(Duration time, long now) {
        return now - stateSince >= time.toNanos();
    }

    private String describeShortage(double usedShare, int shards) {
        var percent = Math.round(usedShare * 100);
        var outlook = shards >= shardsBefore
                ? "no other router has room for them. "
                : "this router gives shards to other routers. ";
        return "memory: " + percent + "% of the heap is in use after a garbage collection, with " + shards + " shards: "
                + outlook + "Give routers more memory (-Xmx), or add routers";
    }

    private void recordIfShardLeft(int shards, Reading reading, long now) {
        if (hasShardLeft || shardsBefore == SheddingAssignor.NO_LIMIT || shards >= shardsBefore) return;
        hasShardLeft = true;
        shardLeftAt = now;
        readingWhenLeft = reading;
    }

    private boolean lowerLimit(int shards, Reading reading, long now) {
        if (shards == 0 || shards - 1 >= limit || !isLastEffectKnown(shards, reading, now)) return false;
        shardsBefore = shards;
        hasShardLeft = false;
        limit = shards - 1;
        stateSince = now;
        log.atWarn().addKeyValue("heap_used_percent", Math.round(reading.usedShare() * 100))
                .addKeyValue("shards", shards)
                .log("router is short of memory and gives a shard to another router, if one has room."
                        + " Give routers more memory (-Xmx), or add routers");
        return true;
    }

    /** Whether another router took the last shard that was given up, and the effect is known. */
    private boolean isLastEffectKnown(int shards, Reading reading, long now) {
        if (shardsBefore == SheddingAssignor.NO_LIMIT) return true;
        if (shards >= shardsBefore || !hasShardLeft) return false;
        var elapsed = now - shardLeftAt;
        var full = reading.fullCollections() - readingWhenLeft.fullCollections();
        var concurrent = reading.concurrentCollections() - readingWhenLeft.concurrentCollections();
        return (elapsed >= MIN_SHORT_TIME.toNanos() && full >= EFFECT_COLLECTIONS)
                || (elapsed >= EFFECT_DELAY.toNanos() && concurrent >= EFFECT_COLLECTIONS);
    }

    private boolean removeLimit() {
        log.atInfo().addKeyValue("calm_minutes", recoveryTime.toMinutes())
                .log("router has enough memory again and takes shards");
        limit = SheddingAssignor.NO_LIMIT;
        shardsBefore = SheddingAssignor.NO_LIMIT;
        hasShardLeft = false;
        var doubled = recoveryTime.multipliedBy(2);
        recoveryTime = doubled.compareTo(MAX_RECOVERY_TIME) > 0 ? MAX_RECOVERY_TIME : doubled;
        return true;
    }
}
