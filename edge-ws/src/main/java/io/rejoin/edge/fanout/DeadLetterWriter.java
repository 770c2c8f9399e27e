package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Topics;
import io.rejoin.contracts.env.LogThrottle;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.kafka.KafkaAccess;
import java.time.Duration;
import java.util.HashMap;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes deliveries that could not be carried out to the topic {@code rejoin.dead-letters}, for people to inspect.
 * Nothing depends on the topic: if a write fails, the edge only logs it, so that live messages do not wait. Only one
 * thread may use it at a time.
 */
public final class DeadLetterWriter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DeadLetterWriter.class);
    private static final Duration MAX_BLOCK = Duration.ofSeconds(1);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);
    /** The minimum time between two log lines, and the pause after a failed write before the next attempt. */
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(10);

    /**
     * A batch with deliveries that could not be carried out.
     *
     * @param edge  the id of the edge it was for
     * @param value the batch as it arrived
     * @param from  the sender, for people
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record UndeliverableBatch(String edge, byte[] value, String from) {}

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final LongSupplier nanoTime;
    private final FanOutMeters meters;
    private final LogThrottle throttle = new LogThrottle(RETRY_PAUSE);
    private volatile boolean hasFailed;
    private volatile long failedAt;

    /** Connects to Kafka. */
    public static DeadLetterWriter open(KafkaAccess kafka, FanOutMeters meters) {
        var settings = new HashMap<String, Object>();
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 8L << 20);
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 4 << 20); // the topic's limit is the one that counts
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) MAX_BLOCK.toMillis());
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 10_000);
        return new DeadLetterWriter(kafka.producer(settings), kafka.topics().deadLetters(),
                System::nanoTime, meters);
    }

    DeadLetterWriter(Producer<byte[], byte[]> producer, String topic, LongSupplier nanoTime, FanOutMeters meters) {
        this.producer = producer;
        this.topic = topic;
        this.nanoTime = nanoTime;
        this.meters = meters;
    }

    /**
     * Starts to write a dead letter. Waits for Kafka at most a second.
     *
     * @param fault     the exception that it caused; null when the letter cannot be read
     * @param joinAgain whether all members join again because of it
     */
    void write(UndeliverableBatch letter, String reason, @Nullable RuntimeException fault,
            boolean joinAgain) {
        meters.countDeadLetter();
        logLetter(letter, reason, fault, joinAgain);
        if (hasFailed && nanoTime.getAsLong() - failedAt < RETRY_PAUSE.toNanos()) return;
        hasFailed = false;
        try {
            var _ = producer.send(record(letter, reason), (_, failure) -> {
                if (failure != null) onFailure(letter, failure);
            });
        } catch (KafkaException e) {
            onFailure(letter, e);
        }
    }

    private void logLetter(UndeliverableBatch letter, String reason, @Nullable RuntimeException fault,
            boolean joinAgain) {
        var records = throttle.count(nanoTime.getAsLong());
        if (records == 0) return;
        log.atError().addKeyValue("topic", topic).addKeyValue("from", letter.from()).addKeyValue("reason", reason)
                .addKeyValue("records", records)
                .setCause(fault).log("deliveries cannot be delivered: they become a dead letter"
                        + (joinAgain ? ", and all members join again, so that no client misses them" : ""));
    }

    /** Handles a failed send. Kafka's producer rarely throws: after a timeout it usually calls back. */
    private void onFailure(UndeliverableBatch letter, Exception failure) {
        failedAt = nanoTime.getAsLong(); // set before hasFailed, which readers check first
        hasFailed = true;
        log.atWarn().addKeyValue("topic", topic).addKeyValue("from", letter.from()).addKeyValue("cause", failure)
                .log("a dead letter could not be written: nobody can inspect it; clients are not affected");
    }

    private ProducerRecord<byte[], byte[]> record(UndeliverableBatch letter, String reason) {
        var record = new ProducerRecord<>(topic, null, letter.edge().getBytes(UTF_8), letter.value());
        record.headers().add(Topics.DEAD_LETTER_FROM, letter.from().getBytes(UTF_8));
        record.headers().add(Topics.DEAD_LETTER_REASON, reason.getBytes(UTF_8));
        return record;
    }

    @Override
    public void close() {
        producer.close(CLOSE_TIMEOUT);
    }
}
