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
final class OffsetReporter {
    private static final Logger log = LoggerFactory.getLogger(OffsetReporter.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration INTERVAL_AT_REST = Duration.ofMinutes(1);

    private final Consumer<?, ?> consumer;
    private final String topic;
    private long lookedAt = System.nanoTime() - INTERVAL.toNanos();
    private long toldAt = lookedAt;
    private Map<TopicPartition, OffsetAndMetadata> told = Map.of();

    OffsetReporter(Consumer<?, ?> consumer, String topic) {
        this.consumer = consumer;
        this.topic = topic;
    }

    /**
     * Commits these positions asynchronously. Does nothing within a second of the last call, or within a minute of the
     * last commit if the positions are the same.
     */
    void tell(Collection<Position> positions) {
        var now = System.nanoTime();
        if (positions.isEmpty() || now - lookedAt < INTERVAL.toNanos()) return;
        lookedAt = now;
        var offsets = offsets(positions);
        if (offsets.equals(told) && now - toldAt < INTERVAL_AT_REST.toNanos()) return;
        toldAt = now;
        told = offsets;
        consumer.commitAsync(offsets, (_, failure) -> {
            if (failure == null) return;
            told = Map.of();
            log.atDebug().addKeyValue("cause", failure)
                    .log("a commit of offsets failed; tools show too much lag until the next commit");
        });
    }

    private Map<TopicPartition, OffsetAndMetadata> offsets(Collection<Position> positions) {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (var position : positions) {
            offsets.put(new TopicPartition(topic, position.partition()),
                    new OffsetAndMetadata(position.next()));
        }
        return offsets;
    }
}
