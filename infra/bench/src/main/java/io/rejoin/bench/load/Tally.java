package io.rejoin.bench.load;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** What one loop's members have seen in a load. Of that loop's thread. */
final class Tally {
    /** Longer waits count as this. */
    private static final long LONGEST_US = TimeUnit.MINUTES.toMicros(2);
    private static final int DIGITS = 3;

    final Histogram deliveries = histogram();
    final Histogram acks = histogram();
    /** From the loss of a connection until all that was missed has come; or from a late member's start until it is in. */
    final Histogram returns = histogram();
    /** Messages that came for the first time, those of the warm-up included. */
    long received;
    long acknowledged;
    long doubled;
    long outOfOrder;
    /** What no post of this load was, or of another room. */
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

    /** Puts another one's into this. */
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
