package io.rejoin.bench.load;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Counters and latencies of one loop's members in a load. Only for that loop's thread. */
final class Tally {
    /** Upper bound of the histograms: longer times count as this one. */
    private static final long LONGEST_US = TimeUnit.MINUTES.toMicros(2);
    private static final int DIGITS = 3;

    final Histogram deliveries = histogram();
    final Histogram acks = histogram();
    /**
     * From the loss of a connection until all missed messages have arrived. For a late member: from its start until it
     * has joined.
     */
    final Histogram returns = histogram();
    /** Messages that arrived for the first time, including those of the warm-up. */
    long received;
    long acknowledged;
    long doubled;
    long outOfOrder;
    /** Messages that are no post of this load, or a post of another room. */
    long foreign;
    final Map<String, Long> oddities = new TreeMap<>();

    static Histogram histogram() {
        return new Histogram(1, LONGEST_US, DIGITS);
    }

    static void record(Histogram histogram, long nanos) {
        histogram.recordValue(Math.clamp(nanos / 1_000, 1, LONGEST_US));
    }

    void odd(String what) {
        oddities.merge(what, 1L, Long::sum);
    }

    /** Adds the numbers of another tally to this one. */
    void add(Tally other) {
        deliveries.add(other.deliveries);
        acks.add(other.acks);
        returns.add(other.returns);
        received += other.received;
        acknowledged += other.acknowledged;
        doubled += other.doubled;
        outOfOrder += other.outOfOrder;
        foreign += other.foreign;
        other.oddities.forEach((what, count) -> oddities.merge(what, count, Long::sum));
    }
}
