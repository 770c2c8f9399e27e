package io.rejoin.history.ingest;

import io.rejoin.history.store.Position;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits the positions to Kafka, for external tools that show the lag. History never reads these offsets. It commits
 * all positions when one has changed. It also repeats the commit once a minute, because a rebalance may have lost one.
 * Only the ingest loop's thread uses it.
 */
final class IngestOffsetReporter {
    private static final Logger log = LoggerFactory.getLogger(IngestOffsetReporter.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration INTERVAL_IF_UNCHANGED = Duration.ofMinutes(1);

    private final Consumer<?, ?> consumer;
    private final String topic;
    private long checkedAt = System.nanoTime() - INTERVAL.toNanos();
    private long committedAt = checkedAt;
    private Map<TopicPartition, OffsetAndMetadata> committed = Map.of();

    IngestOffsetReporter(Consumer<?, ?> consumer, String topic) {
        this.consumer = consumer;
        this.topic = topic;
    }

    /**
     * Commits these positions asynchronously. Does nothing within a second of the last call, or within a minute of the
     * last commit if the positions are the same.
     */
    void report(Collection<Position> positions) {
        var now = System.nanoTime();
        if (positions.isEmpty() || now - checkedAt < INTERVAL.toNanos()) return;
        checkedAt = now;
        var offsets = offsets(positions);
        if (offsets.equals(committed) && now - committedAt < INTERVAL_IF_UNCHANGED.toNanos()) return;
        committedAt = now;
        committed = offsets;
        consumer.commitAsync(offsets, (_, failure) -> {
            if (failure == null) return;
            committed = Map.of();
            log.atDebug().addKeyValue("cause", failure)
                    .log("a commit of offsets failed; tools show too much lag until the next commit");
        });
    }

    private Map<TopicPartition, OffsetAndMetadata> offsets(Collection<Position> positions) {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (var position : positions) {
            offsets.put(new TopicPartition(topic, position.partition()),
                    new OffsetAndMetadata(position.nextOffset()));
        }
        return offsets;
    }
}
