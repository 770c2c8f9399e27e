package io.rejoin.bench.load;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * Result of a load. Posts, deliveries and latencies are those of the measured window; all other counts include the
 * warm-up.
 *
 * @param posts      that were due in the window
 * @param deliveries of these posts that arrived; a post that reaches ten members counts ten times
 * @param seconds    length of the window
 * @param unsent     posts whose member had no connection
 * @param unanswered posts that were sent and not acknowledged
 * @param lost       acknowledged posts that a member of the room did not receive; each member counts
 * @param doubled    messages that a member received again
 * @param outOfOrder messages that a member received in another order than others, or after one with a higher seq
 * @param foreign    messages that are no post of this load in this room
 * @param returns    members that reconnected or arrived late, and how long that took
 * @param lateP99    99th percentile of the milliseconds by which the generator sent posts late; the latencies include
 *                   it
 * @param oddities   counts of other events: errors, closes, broken connections
 */
public record Outcome(long posts, long deliveries, double seconds, long unsent, long unanswered, long lost,
        long doubled,
        long outOfOrder, long foreign, Latency ack, Latency delivery, Returns returns, double lateP99,
        Map<String, Long> oddities) {
    public Outcome {
        oddities = new TreeMap<>(oddities);
    }

    /** Latency in milliseconds, measured from when the post was due; NaN where there is no value. */
    public record Latency(double p50, double p99, double max) {
        static Latency of(Histogram micros) {
            if (micros.getTotalCount() == 0) return new Latency(Double.NaN, Double.NaN, Double.NaN);
            return new Latency(micros.getValueAtPercentile(50) / 1e3, micros.getValueAtPercentile(99) / 1e3,
                    micros.getMaxValue() / 1e3);
        }
    }

    /**
     * How many members returned, and the milliseconds from the loss of the connection until a member had all missed
     * messages.
     */
    public record Returns(long count, Latency latency) {}

    /** Sum of all faults. */
    public long faults() {
        return unsent + unanswered + lost + doubled + outOfOrder + foreign;
    }

    /** Whether every member received every post once and in order. */
    @JsonIgnore
    public boolean isClean() {
        return faults() == 0;
    }
}
