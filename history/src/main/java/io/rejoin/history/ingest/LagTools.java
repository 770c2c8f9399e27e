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
 * Tells Kafka how far history has come, for tools that show lag; nothing here ever reads it. All positions each time one has
 * changed; and now and then when none has, so that what was lost in a rebalance is told again. Of the ingest loop's thread.
 */
final class LagTools {
    private static final Logger log = LoggerFactory.getLogger(LagTools.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration INTERVAL_AT_REST = Duration.ofMinutes(1);

    private final Consumer<?, ?> consumer;
    private final String topic;
    private long lookedAt = System.nanoTime() - INTERVAL.toNanos();
    private long toldAt = lookedAt;
    private Map<TopicPartition, OffsetAndMetadata> told = Map.of();

    LagTools(Consumer<?, ?> consumer, String topic) {
        this.consumer = consumer;
        this.topic = topic;
    }

    /** Tells these positions, unless it did so a moment ago, or they are as they were; does not wait. */
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
            log.atDebug().addKeyValue("cause", failure).log("lag tools will be behind for a moment");
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
