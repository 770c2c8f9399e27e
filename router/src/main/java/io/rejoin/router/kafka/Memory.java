package io.rejoin.router.kafka;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides how many shards this router keeps, by the free memory. When memory is short, the router gives one shard up,
 * waits for the effect, and then gives the next one up. It accepts shards again only after a long time with plenty of
 * memory, and after a longer time on each further round. So shards do not move back and forth. Only one thread may call
 * {@link #look}; the other methods are safe for any thread.
 */
final class Memory {
    private static final Logger log = LoggerFactory.getLogger(Memory.class);
    /**
     * Shares of the heap in use after a collection. Memory is short from {@link #SHORT} up, and plenty below
     * {@link #PLENTY}.
     */
    private static final double SHORT = 0.85;
    private static final double PLENTY = 0.70;
    /** Memory must be short for this long before a shard is given up. */
    static final Duration PATIENCE = Duration.ofSeconds(5);
    /**
     * The effect of giving a shard up is known after this time and {@link #SHOWN_BY} concurrent collections. The first
     * of them may have begun before the shard left. G1 frees most of what a concurrent collection found in some later
     * young collections.
     */
    static final Duration SHOWN = Duration.ofMinutes(1);
    static final int SHOWN_BY = 2;
    /**
     * Memory must be plenty for this long before other shards are accepted; doubled on each round up to
     * {@link #LONGEST_CALM}.
     */
    static final Duration CALM = Duration.ofMinutes(15);
    private static final Duration LONGEST_CALM = Duration.ofHours(8);

    /**
     * The memory in use.
     *
     * @param share      of the heap in use after the last collection, from 0 to 1
     * @param concurrent number of concurrent collections of the whole heap so far; {@code share} shows their effect
     *                   some time later
     * @param full       number of stop-the-world collections of the whole heap so far; {@code share} shows their effect
     *                   at once
     */
    record Reading(double share, long concurrent, long full) {}

    private final Supplier<Reading> used;
    private volatile int limit = SheddingAssignor.NONE;
    private volatile @Nullable String problem;
    private Duration calm = CALM;
    private boolean wasShort;
    private boolean hadPlenty;
    /** When memory last became short or plenty, or stopped being so; by the stopwatch. */
    private long since;
    /**
     * The number of shards when the last one was given up. While the number is still the same, no router has taken it.
     */
    private int shardsBefore = SheddingAssignor.NONE;
    private boolean hasLeft;
    /** When the last shard that was given up had left, by the stopwatch, and the reading at that time. */
    private long leftAt;
    private Reading leftWith = new Reading(0, 0, 0);

    /** Measures the heap of this process. */
    Memory() {
        this(Heap::afterCollection);
    }

    Memory(Supplier<Reading> used) {
        this.used = used;
    }

    /** How many shards this router keeps; {@link SheddingAssignor#NONE} if there is no limit. */
    int limit() {
        return limit;
    }

    /** The memory problem and its remedy; null if there is none. */
    @Nullable
    String problem() {
        return problem;
    }

    /**
     * Takes a reading and adjusts the limit.
     *
     * @param shards number of shards that this router has
     * @param now    as {@code System.nanoTime}
     * @return whether the limit has changed: the group must then be rebalanced
     */
    boolean look(int shards, long now) {
        var reading = used.get();
        var share = reading.share();
        var isShort = share >= SHORT;
        var hasPlenty = share < PLENTY;
        if (isShort != wasShort || hasPlenty != hadPlenty) since = now;
        wasShort = isShort;
        hadPlenty = hasPlenty;
        problem = isShort ? shortage(share, shards) : null;
        seeWhetherItLeft(shards, reading, now);
        if (isShort && isOver(now, PATIENCE)) return giveUp(shards, reading, now);
        if (hasPlenty && limit != SheddingAssignor.NONE && isOver(now, calm)) return open();
        return false;
    }

    private boolean isOver(long now, Duration time) {
        return now - since >= time.toNanos();
    }

    private String shortage(double share, int shards) {
        var percent = Math.round(share * 100);
        var others = shards >= shardsBefore
                ? "no other router has room for them. "
                : "this router gives shards to other routers. ";
        return "memory: " + percent + "% of the heap is in use after a garbage collection, with " + shards + " shards: "
                + others + "Give routers more memory (-Xmx), or add routers";
    }

    private void seeWhetherItLeft(int shards, Reading reading, long now) {
        if (hasLeft || shardsBefore == SheddingAssignor.NONE || shards >= shardsBefore) return;
        hasLeft = true;
        leftAt = now;
        leftWith = reading;
    }

    private boolean giveUp(int shards, Reading reading, long now) {
        if (shards == 0 || shards - 1 >= limit || !isLastOneShown(shards, reading, now)) return false;
        shardsBefore = shards;
        hasLeft = false;
        limit = shards - 1;
        since = now;
        log.atWarn().addKeyValue("heap_used_percent", Math.round(reading.share() * 100)).addKeyValue("shards", shards)
                .log("router is short of memory and gives a shard to another router, if one has room."
                        + " Give routers more memory (-Xmx), or add routers");
        return true;
    }

    /** Whether another router took the last shard that was given up, and the effect is known. */
    private boolean isLastOneShown(int shards, Reading reading, long now) {
        if (shardsBefore == SheddingAssignor.NONE) return true;
        if (shards >= shardsBefore || !hasLeft) return false;
        var passed = now - leftAt;
        return (passed >= PATIENCE.toNanos() && reading.full() - leftWith.full() >= SHOWN_BY)
                || (passed >= SHOWN.toNanos() && reading.concurrent() - leftWith.concurrent() >= SHOWN_BY);
    }

    private boolean open() {
        log.atInfo().addKeyValue("calm_minutes", calm.toMinutes())
                .log("router has enough memory again and takes shards");
        limit = SheddingAssignor.NONE;
        shardsBefore = SheddingAssignor.NONE;
        hasLeft = false;
        calm = calm.multipliedBy(2).compareTo(LONGEST_CALM) > 0 ? LONGEST_CALM : calm.multipliedBy(2);
        return true;
    }
}
