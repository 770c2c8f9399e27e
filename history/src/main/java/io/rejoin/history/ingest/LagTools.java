package io.rejoin.history.ingest;

import io.rejoin.history.store.Position;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells Kafka how far history has come, for tools that show lag; nothing here ever reads it. All positions each time, so that
 * one that was lost in a rebalance is told again. Of the ingest loop's thread.
 */
final class LagTools {
    private static final Logger log = LoggerFactory.getLogger(LagTools.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final Consumer<?, ?> consumer;
    private final String topic;
    private long toldAt = System.nanoTime() - INTERVAL.toNanos();

    LagTools(Consumer<?, ?> consumer, String topic) {
        this.consumer = consumer;
        this.topic = topic;
    }

    /** Tells these positions, unless it did so a moment ago; does not wait. */
    void tell(Collection<Position> positions) {
        if (positions.isEmpty() || System.nanoTime() - toldAt < INTERVAL.toNanos()) return;
        toldAt = System.nanoTime();
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (var position : positions) {
            offsets.put(new TopicPartition(topic, position.partition()),
                    new OffsetAndMetadata(position.next()));
        }
        consumer.commitAsync(offsets, (_, failure) -> {
            if (failure != null)
                log.atDebug().addKeyValue("cause", failure).log("lag tools will be behind for a moment");
        });
    }
}
