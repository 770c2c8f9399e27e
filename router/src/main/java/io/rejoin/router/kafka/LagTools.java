package io.rejoin.router.kafka;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells Kafka how far the checkpoints are, for tools that show lag; nothing here ever reads it. All of them each time one has
 * changed; and now and then when none has, so that what was lost in a rebalance is told again. Of the command loop's thread.
 */
final class LagTools {
    private static final Logger log = LoggerFactory.getLogger(LagTools.class);
    private static final Duration INTERVAL_AT_REST = Duration.ofMinutes(1);

    private final Consumer<?, ?> consumer;
    private Map<TopicPartition, OffsetAndMetadata> told = Map.of();
    private long toldAt = System.nanoTime();

    LagTools(Consumer<?, ?> consumer) {
        this.consumer = consumer;
    }

    /** Tells these, unless it has told them already; does not wait. */
    void tell(Map<TopicPartition, OffsetAndMetadata> durable) {
        var now = System.nanoTime();
        if (durable.isEmpty() || (durable.equals(told) && now - toldAt < INTERVAL_AT_REST.toNanos())) return;
        told = durable;
        toldAt = now;
        consumer.commitAsync(durable, (_, failure) -> { // without it, Kafka's client would call that an error
            if (failure == null) return;
            told = Map.of();
            log.atDebug().addKeyValue("cause", failure).log("lag tools will be behind for a moment");
        });
    }
}
