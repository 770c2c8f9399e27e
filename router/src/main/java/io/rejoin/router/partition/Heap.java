package io.rejoin.router.partition;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Measures how full this process's heap is after a garbage collection. The result is the pool of long-lived objects, or
 * the sum of all pools, whichever is fuller. With some collectors, long-lived objects may stay in the young pool for a
 * while. Safe for any thread.
 *
 * <p>The names of pools and collectors in JDK 25:
 *
 * <pre>
 *             pool                whole-heap collections        lists the pool as well, but is not counted
 * Serial      Tenured Gen         MarkSweepCompact (full)
 * Parallel    PS Old Gen          PS MarkSweep (full)
 * G1          G1 Old Gen          G1 Old Generation (full);     G1 Young Generation: only a mixed one, after a
 *                                 G1 Concurrent GC: two each    concurrent one, frees some and is in the usage
 * Z           ZGC Old Generation  ZGC Major Cycles              ZGC Minor Cycles, and the pauses of both
 * Shenandoah  Shenandoah          Shenandoah Cycles             Shenandoah Pauses
 *  by age     Shenandoah Old Gen  Shenandoah Cycles: young      Shenandoah Pauses
 *                                 ones count, too
 * </pre>
 */
final class Heap {
    private static final String G1_CONCURRENT = "G1 Concurrent GC";

    private Heap() {}

    /** The current reading; 0 until there was a collection. */
    static ShardLimiter.Reading afterCollection() {
        var pools = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null).toList();
        var old = pools.stream().filter(pool -> containsNone(pool.getName(), "Young", "Eden", "Survivor"))
                .max(Comparator.comparingLong(pool -> pool.getCollectionUsage().getMax())).orElse(null);
        if (old == null) return new ShardLimiter.Reading(0, 0, 0);
        var totalUsed = pools.stream().mapToLong(pool -> pool.getCollectionUsage().getUsed()).sum();
        var totalShare = usedShare(totalUsed, Runtime.getRuntime().maxMemory());
        return new ShardLimiter.Reading(Math.max(usedShare(old), totalShare), collections(old, false),
                collections(old, true));
    }

    private static double usedShare(MemoryPoolMXBean pool) {
        var usage = pool.getCollectionUsage();
        return usedShare(usage.getUsed(), usage.getMax() > 0 ? usage.getMax() : Runtime.getRuntime().maxMemory());
    }

    private static double usedShare(long used, long max) {
        return (double) used / max;
    }

    private static long collections(MemoryPoolMXBean pool, boolean areFull) {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(collector -> Arrays.asList(collector.getMemoryPoolNames()).contains(pool.getName()))
                .filter(collector -> containsNone(collector.getName(), "Young", "Minor", "Pauses"))
                .filter(collector -> containsNone(collector.getName(), "Concurrent", "Cycles") == areFull)
                .mapToLong(Heap::collections).sum();
    }

    private static long collections(GarbageCollectorMXBean collector) {
        var count = collector.getCollectionCount();
        return collector.getName().equals(G1_CONCURRENT) ? count / 2 : count; // it counts both of its pauses
    }

    private static boolean containsNone(String name, String... kinds) {
        return Stream.of(kinds).noneMatch(name::contains);
    }
}
