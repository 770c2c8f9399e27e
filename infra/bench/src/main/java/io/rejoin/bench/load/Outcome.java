package io.rejoin.bench.load;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What came of a load. Posts, deliveries and latencies are those of the measured window; what is checked is all of it.
 *
 * @param posts        that were due in the window
 * @param deliveries   of these, as many as came; a post to ten members is ten
 * @param seconds      of the window
 * @param unsent       posts whose member had no connection
 * @param unanswered   sent posts without an acknowledgement
 * @param lost         acknowledged posts that a member of the room did not get; each member counts
 * @param doubled      messages that a member got again
 * @param outOfOrder   messages that a member got in another order than others, or after one with a higher seq
 * @param foreign      messages that were none of the room's posts
 * @param returns      members that came back, or came late, and how long that took
 * @param lateP99      milliseconds by which the generator itself sent posts late: it is in the latencies, too
 * @param oddities     counts of what else happened: errors, closes, broken connections
 */
public record Outcome(long posts, long deliveries, double seconds, long unsent, long unanswered, long lost,
        long doubled,
        long outOfOrder, long foreign, Latency ack, Latency delivery, Returns returns, double lateP99,
        Map<String, Long> oddities) {
    public Outcome {
        oddities = new TreeMap<>(oddities);
    }

    /** In milliseconds from when a post was due; NaN where there was none. */
    public record Latency(double p50, double p99, double max) {
        static Latency of(Histogram micros) {
            if (micros.getTotalCount() == 0) return new Latency(Double.NaN, Double.NaN, Double.NaN);
            return new Latency(micros.getValueAtPercentile(50) / 1e3, micros.getValueAtPercentile(99) / 1e3,
                    micros.getMaxValue() / 1e3);
        }
    }

    /** How many, and the milliseconds from the loss of the connection until one had all it missed. */
    public record Returns(long count, Latency latency) {}

    /** How often something was not as it has to be. */
    public long faults() {
        return unsent + unanswered + lost + doubled + outOfOrder + foreign;
    }

    /** Whether all that was posted came to all, once, in order. */
    @JsonIgnore
    public boolean isClean() {
        return faults() == 0;
    }
}
