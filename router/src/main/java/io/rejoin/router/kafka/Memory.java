package io.rejoin.router.kafka;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
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
    /** How long memory has to be short before a shard is given up; it takes as long until that shows. */
    static final Duration PATIENCE = Duration.ofSeconds(5);
    /** How long there has to be plenty before others are taken: at first, and at most. */
    static final Duration CALM = Duration.ofMinutes(15);
    private static final Duration LONGEST_CALM = Duration.ofHours(8);

    /**
     * What is in use.
     *
     * @param share       of the heap, after the last collection, from 0 to 1
     * @param collections that there were: a reading tells nothing of what was done since the last one
     */
    record Reading(double share, long collections) {}

    private final Supplier<Reading> used;
    private volatile int limit = SheddingAssignor.NONE;
    private volatile @Nullable String problem;
    private Duration calm = CALM;
    private boolean wasShort;
    private boolean hadPlenty;
    /** Since when it is as it is, by the stopwatch. */
    private long since;
    /** Shards there were when one was given up last; to see whether it left. */
    private int before = SheddingAssignor.NONE;
    private long collections = -1;

    /** Of this process. */
    Memory() {
        this(Memory::afterCollection);
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
        if (isShort) tell(share, shards);
        else if (limit == SheddingAssignor.NONE || hasPlenty) problem = null;
        if (isShort && isOver(now, PATIENCE)) return giveUp(shards, reading, now);
        if (hasPlenty && limit != SheddingAssignor.NONE && isOver(now, calm)) return open();
        return false;
    }

    private boolean isOver(long now, Duration time) {
        return now - since >= time.toNanos();
    }

    private void tell(double share, int shards) {
        var percent = Math.round(share * 100);
        var others = shards >= before ? "no other router has room for them. " : "it gives shards to other routers. ";
        problem = "memory: " + percent + "% of the heap is in use after a collection, with " + shards + " shards: "
                + others + "Give routers more memory (-Xmx), or add routers";
    }

    private boolean giveUp(int shards, Reading reading, long now) {
        if (reading.collections() <= collections) return false; // it is not known yet what the last one brought
        since = now;
        if (shards == 0 || shards >= before || shards - 1 >= limit) return false; // nobody took the last one
        before = shards;
        limit = shards - 1;
        collections = reading.collections() + 1; // the next one may have begun before the shard was gone
        log.atWarn().addKeyValue("heap_used_percent", Math.round(reading.share() * 100)).addKeyValue("shards", shards)
                .log("router is short of memory and gives a shard up, if another router has room."
                        + " Give routers more memory (-Xmx), or add routers");
        return true;
    }

    private boolean open() {
        log.atInfo().addKeyValue("calm_minutes", calm.toMinutes())
                .log("router has had plenty of memory for long: it takes shards again");
        limit = SheddingAssignor.NONE;
        before = SheddingAssignor.NONE;
        calm = calm.multipliedBy(2).compareTo(LONGEST_CALM) > 0 ? LONGEST_CALM : calm.multipliedBy(2);
        return true;
    }

    /** Of the pool that keeps what lives long; nothing until it was collected for the first time. */
    private static Reading afterCollection() {
        var pool = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(one -> one.getType() == MemoryType.HEAP && one.getCollectionUsage() != null)
                .max(Comparator.comparingLong(one -> one.getCollectionUsage().getMax())).orElse(null);
        if (pool == null) return new Reading(0, 0);
        var collections = ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(collector -> List.of(collector.getMemoryPoolNames()).contains(pool.getName()))
                .mapToLong(GarbageCollectorMXBean::getCollectionCount).sum();
        return new Reading(share(pool.getCollectionUsage()), collections);
    }

    private static double share(MemoryUsage usage) {
        var most = usage.getMax() > 0 ? usage.getMax() : Runtime.getRuntime().maxMemory();
        return (double) usage.getUsed() / most;
    }
}
