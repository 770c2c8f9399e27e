package io.rejoin.router.kafka;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many shards this router will keep, by the memory that is left. When little is left, it gives one shard up, looks what
 * that brought, and gives up the next. It takes others again only after a long time with plenty, and after a longer one each
 * time that was too early: so shards do not wander to and fro. {@link #look} is for one thread, all else for any.
 */
final class Memory {
    private static final Logger log = LoggerFactory.getLogger(Memory.class);
    /** Shares of the heap that are in use after a collection: from here on there is too little left, and plenty below that. */
    private static final double SHORT = 0.85;
    private static final double PLENTY = 0.70;
    /** How long memory has to be short before a shard is given up. */
    static final Duration PATIENCE = Duration.ofSeconds(5);
    /**
     * How long after a shard left it is known what that brought, after so many collections: the first may have begun before.
     * G1 frees most of what a concurrent one found in some young collections after it.
     */
    static final Duration SHOWN = Duration.ofMinutes(1);
    static final int SHOWN_BY = 2;
    /** How long there has to be plenty before others are taken: at first, and at most. */
    static final Duration CALM = Duration.ofMinutes(15);
    private static final Duration LONGEST_CALM = Duration.ofHours(8);

    /**
     * What is in use.
     *
     * @param share      of the heap, after the last collection, from 0 to 1
     * @param concurrent collections of the whole heap that there were: the share is known some time after one
     * @param full       collections that stopped everything: the share is known at once
     */
    record Reading(double share, long concurrent, long full) {}

    private final Supplier<Reading> used;
    private volatile int limit = SheddingAssignor.NONE;
    private volatile @Nullable String problem;
    private Duration calm = CALM;
    private boolean wasShort;
    private boolean hadPlenty;
    /** Since when it is as it is, by the stopwatch. */
    private long since;
    /** How many shards there were when one was given up last: as long as there are as many, nobody took it. */
    private int shardsBefore = SheddingAssignor.NONE;
    private boolean hasLeft;
    /** When the shard that was given up last had left, by the stopwatch, and the reading of that time. */
    private long leftAt;
    private Reading leftWith = new Reading(0, 0, 0);

    /** Of this process. */
    Memory() {
        this(Heap::afterCollection);
    }

    Memory(Supplier<Reading> used) {
        this.used = used;
    }

    /** How many shards this router will keep; {@link SheddingAssignor#NONE} if it takes what falls to it. */
    int limit() {
        return limit;
    }

    /** What is wrong and what to do; null if nothing is. */
    @Nullable
    String problem() {
        return problem;
    }

    /**
     * Looks at what is left.
     *
     * @param shards that this router has
     * @param now    as {@code System.nanoTime}
     * @return whether the limit has changed: the group has to share the shards anew
     */
    boolean look(int shards, long now) {
        var reading = used.get();
        var share = reading.share();
        var isShort = share >= SHORT;
        var hasPlenty = share < PLENTY;
        if (isShort != wasShort || hasPlenty != hadPlenty) since = now;
        wasShort = isShort;
        hadPlenty = hasPlenty;
        problem = isShort ? told(share, shards) : null;
        seeWhetherItLeft(shards, reading, now);
        if (isShort && isOver(now, PATIENCE)) return giveUp(shards, reading, now);
        if (hasPlenty && limit != SheddingAssignor.NONE && isOver(now, calm)) return open();
        return false;
    }

    private boolean isOver(long now, Duration time) {
        return now - since >= time.toNanos();
    }

    private String told(double share, int shards) {
        var percent = Math.round(share * 100);
        var others = shards >= shardsBefore
                ? "no other router has room for them. "
                : "it gives shards to other routers. ";
        return "memory: " + percent + "% of the heap is in use after a collection, with " + shards + " shards: "
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
                .log("router is short of memory and gives a shard up, if another router has room."
                        + " Give routers more memory (-Xmx), or add routers");
        return true;
    }

    /** Whether somebody took the shard that was given up last, and it is known what that brought. */
    private boolean isLastOneShown(int shards, Reading reading, long now) {
        if (shardsBefore == SheddingAssignor.NONE) return true;
        if (shards >= shardsBefore || !hasLeft) return false;
        var passed = now - leftAt;
        return (passed >= PATIENCE.toNanos() && reading.full() - leftWith.full() >= SHOWN_BY)
                || (passed >= SHOWN.toNanos() && reading.concurrent() - leftWith.concurrent() >= SHOWN_BY);
    }

    private boolean open() {
        log.atInfo().addKeyValue("calm_minutes", calm.toMinutes())
                .log("router has had plenty of memory for long: it takes shards again");
        limit = SheddingAssignor.NONE;
        shardsBefore = SheddingAssignor.NONE;
        hasLeft = false;
        calm = calm.multipliedBy(2).compareTo(LONGEST_CALM) > 0 ? LONGEST_CALM : calm.multipliedBy(2);
        return true;
    }
}
