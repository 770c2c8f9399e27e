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
final class OffsetReporter {
    private static final Logger log = LoggerFactory.getLogger(OffsetReporter.class);
    private static final Duration INTERVAL_AT_REST = Duration.ofMinutes(1);

    private final Consumer<?, ?> consumer;
    private Map<TopicPartition, OffsetAndMetadata> committed = Map.of();
    private long committedAt = System.nanoTime();

    OffsetReporter(Consumer<?, ?> consumer) {
        this.consumer = consumer;
    }

    /** Commits these positions, unless it has committed them already. Does not block. */
    void tell(Map<TopicPartition, OffsetAndMetadata> durable) {
        var now = System.nanoTime();
        if (durable.isEmpty() || (durable.equals(committed) && now - committedAt < INTERVAL_AT_REST.toNanos())) return;
        committed = durable;
        committedAt = now;
        consumer.commitAsync(durable, (_, failure) -> { // without a callback, Kafka's client logs a failure as an error
            if (failure == null) return;
            committed = Map.of();
            log.atDebug().addKeyValue("cause", failure)
                    .log("cannot commit offsets: tools show too much lag until the next commit");
        });
    }
}
