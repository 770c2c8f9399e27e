package io.rejoin.router.kafka;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits the checkpoints' positions as consumer group offsets, for tools that show lag; the router itself never reads
 * them. It commits all of them when one has changed. It also repeats them now and then, in case a rebalance lost a
 * commit. Used only by the command loop's thread.
 */
public final class OffsetReporter {
    private static final Logger log = LoggerFactory.getLogger(OffsetReporter.class);
    private static final Duration REPEAT_INTERVAL = Duration.ofMinutes(1);

    private final Consumer<?, ?> consumer;
    private Map<TopicPartition, OffsetAndMetadata> lastCommitted = Map.of();
    private long lastCommittedAt = System.nanoTime();

    public OffsetReporter(Consumer<?, ?> consumer) {
        this.consumer = consumer;
    }

    /** Commits these positions, unless it has committed them already. Does not block. */
    public void report(Map<TopicPartition, OffsetAndMetadata> checkpointOffsets) {
        var now = System.nanoTime();
        var isRecent = now - lastCommittedAt < REPEAT_INTERVAL.toNanos();
        if (checkpointOffsets.isEmpty() || (checkpointOffsets.equals(lastCommitted) && isRecent)) return;
        lastCommitted = checkpointOffsets;
        lastCommittedAt = now;
        // without a callback, Kafka's client logs a failure as an error
        consumer.commitAsync(checkpointOffsets, (_, failure) -> {
            if (failure == null) return;
            lastCommitted = Map.of();
            log.atDebug().addKeyValue("cause", failure)
                    .log("cannot commit offsets: tools show too much lag until the next commit");
        });
    }
}
