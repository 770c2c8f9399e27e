package io.rejoin.router.kafka;

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
    static final int KEPT = 10;

    private final Producer<byte[], byte[]> producer;
    private final String deadLetters;
    private long total;
    private long windowBegun;
    private int inWindow;

    /** @param deadLetters topic of the dead letters */
    UnreadableHeartbeats(Producer<byte[], byte[]> producer, String deadLetters) {
        this.producer = producer;
        this.deadLetters = deadLetters;
    }

    void add(ConsumerRecord<byte[], byte[]> record, String reason) {
        total++;
        if (total == 1 || System.nanoTime() - windowBegun > WINDOW.toNanos()) {
            windowBegun = System.nanoTime();
            inWindow = 0;
            log.atWarn().addKeyValue("offset", record.offset()).addKeyValue("reason", reason)
                    .addKeyValue("so_far", total).log("the router cannot read a heartbeat and skips it");
        }
        if (++inWindow <= KEPT) keep(record, reason);
    }

    private void keep(ConsumerRecord<byte[], byte[]> record, String reason) {
        try {
            var _ = producer.send(DeadLetter.of(deadLetters, record, reason));
        } catch (KafkaException e) {
            log.atDebug().setCause(e).log("cannot keep an unreadable heartbeat as a dead letter");
        }
    }
}
