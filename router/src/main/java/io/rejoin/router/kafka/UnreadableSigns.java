package io.rejoin.router.kafka;

import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records of {@code rejoin.edges} that nobody can read: counted, told now and then, and a few of them kept as dead letters.
 * Every router keeps its own, for each reads them all. Confined to one thread.
 */
final class UnreadableSigns {
    private static final Logger log = LoggerFactory.getLogger(UnreadableSigns.class);
    private static final Duration WINDOW = Duration.ofSeconds(10);
    /** Most that are kept in one window. */
    static final int KEPT = 10;

    private final Producer<byte[], byte[]> producer;
    private final String deadLetters;
    private long total;
    private long windowBegun;
    private int inWindow;

    /** @param deadLetters the topic where they are kept */
    UnreadableSigns(Producer<byte[], byte[]> producer, String deadLetters) {
        this.producer = producer;
        this.deadLetters = deadLetters;
    }

    void add(ConsumerRecord<byte[], byte[]> record, String reason) {
        total++;
        if (total == 1 || System.nanoTime() - windowBegun > WINDOW.toNanos()) {
            windowBegun = System.nanoTime();
            inWindow = 0;
            log.atWarn().addKeyValue("offset", record.offset()).addKeyValue("reason", reason)
                    .addKeyValue("so_far", total).log("a heartbeat cannot be read; skipped");
        }
        if (++inWindow <= KEPT) keep(record, reason);
    }

    private void keep(ConsumerRecord<byte[], byte[]> record, String reason) {
        try {
            var _ = producer.send(DeadLetter.of(deadLetters, record, reason));
        } catch (KafkaException e) {
            log.atDebug().setCause(e).log("an unreadable heartbeat is not kept as a dead letter");
        }
    }
}
