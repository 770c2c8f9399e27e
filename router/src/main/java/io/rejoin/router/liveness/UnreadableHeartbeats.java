package io.rejoin.router.liveness;

import io.rejoin.router.kafka.DeadLetterRecords;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles unreadable records of {@code rejoin.edges}: counts them, logs some, and sends a few to the dead letters.
 * Every router does this separately, because each reads the whole topic. Confined to one thread.
 */
final class UnreadableHeartbeats {
    private static final Logger log = LoggerFactory.getLogger(UnreadableHeartbeats.class);
    private static final Duration WINDOW = Duration.ofSeconds(10);
    /** At most this many records are kept per window. */
    static final int MAX_KEPT_PER_WINDOW = 10;

    private final Producer<byte[], byte[]> producer;
    private final String deadLetterTopic;
    private long total;
    private long windowStartedAt;
    private int countInWindow;

    /** @param deadLetterTopic topic of the dead letters */
    UnreadableHeartbeats(Producer<byte[], byte[]> producer, String deadLetterTopic) {
        this.producer = producer;
        this.deadLetterTopic = deadLetterTopic;
    }

    void add(ConsumerRecord<byte[], byte[]> record, String reason) {
        total++;
        if (total == 1 || System.nanoTime() - windowStartedAt > WINDOW.toNanos()) {
            windowStartedAt = System.nanoTime();
            countInWindow = 0;
            log.atWarn().addKeyValue("offset", record.offset()).addKeyValue("reason", reason)
                    .addKeyValue("so_far", total).log("the router cannot read a heartbeat and skips it");
        }
        if (++countInWindow <= MAX_KEPT_PER_WINDOW) keepAsDeadLetter(record, reason);
    }

    private void keepAsDeadLetter(ConsumerRecord<byte[], byte[]> record, String reason) {
        try {
            var _ = producer.send(DeadLetterRecords.of(deadLetterTopic, record, reason));
        } catch (KafkaException e) {
            log.atDebug().setCause(e).log("cannot keep an unreadable heartbeat as a dead letter");
        }
    }
}
