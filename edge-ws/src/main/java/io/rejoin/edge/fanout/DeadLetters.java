package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Topics;
import io.rejoin.contracts.env.LogThrottle;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.kafka.KafkaAccess;
import java.time.Duration;
import java.util.HashMap;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts deliveries that could not be delivered aside, in {@code rejoin.dead-letters}, for people to look at. Nothing depends on
 * them: what cannot be put aside at once is only logged, so that live messages do not wait. Of the delivery loop's thread.
 */
public final class DeadLetters implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);
    private static final Duration MAX_BLOCK = Duration.ofSeconds(1);
    private static final Duration CLOSE = Duration.ofSeconds(1);
    /** Between two lines of a flood of them; and so long it is not tried again where it failed. */
    private static final Duration QUIET = Duration.ofSeconds(10);

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final LongSupplier nanoTime;
    private final FanOutMeters meters;
    private final LogThrottle throttle = new LogThrottle(QUIET);
    private volatile boolean isAway;
    private volatile long awaySince;

    /** Connects. */
    public static DeadLetters open(KafkaAccess kafka, FanOutMeters meters) {
        var settings = new HashMap<String, Object>();
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 8L << 20);
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 4 << 20); // the topic's limit is the one that counts
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) MAX_BLOCK.toMillis());
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 10_000);
        return new DeadLetters(kafka.producer(settings), kafka.topics().deadLetters(),
                System::nanoTime, meters);
    }

    DeadLetters(Producer<byte[], byte[]> producer, String topic, LongSupplier nanoTime, FanOutMeters meters) {
        this.producer = producer;
        this.topic = topic;
        this.nanoTime = nanoTime;
        this.meters = meters;
    }

    /**
     * Begins to put a record aside.
     *
     * @param fault     what failed over it; null when it cannot be read
     * @param joinAgain whether all members join again because of it
     */
    void put(ConsumerRecord<byte[], byte[]> record, String reason, @Nullable RuntimeException fault,
            boolean joinAgain) {
        meters.deadLetter();
        tell(record, reason, fault, joinAgain);
        if (isAway && nanoTime.getAsLong() - awaySince < QUIET.toNanos()) return;
        isAway = false;
        try {
            var _ = producer.send(letter(record, reason), (_, failure) -> {
                if (failure != null) failed(record, failure);
            });
        } catch (KafkaException e) {
            failed(record, e);
        }
    }

    private void tell(ConsumerRecord<byte[], byte[]> record, String reason, @Nullable RuntimeException fault,
            boolean joinAgain) {
        var records = throttle.count(nanoTime.getAsLong());
        if (records == 0) return;
        log.atError().addKeyValue("topic", topic).addKeyValue("from", from(record)).addKeyValue("reason", reason)
                .addKeyValue("records", records)
                .setCause(fault).log("deliveries cannot be delivered: they are put aside"
                        + (joinAgain ? ", and all members join again, so that nobody waits for what was in them" : ""));
    }

    /** Kafka's producer throws little: after waiting in vain it mostly calls back, and gives a future that has failed. */
    private void failed(ConsumerRecord<byte[], byte[]> record, Exception failure) {
        awaySince = nanoTime.getAsLong(); // read only where isAway is
        isAway = true;
        log.atWarn().addKeyValue("topic", topic).addKeyValue("from", from(record)).addKeyValue("cause", failure)
                .log("a dead letter was not taken by its topic; its original is kept for some minutes");
    }

    private ProducerRecord<byte[], byte[]> letter(ConsumerRecord<byte[], byte[]> record, String reason) {
        var letter = new ProducerRecord<>(topic, null, record.key(), record.value(), record.headers());
        letter.headers().add(Topics.DEAD_LETTER_FROM, from(record).getBytes(UTF_8));
        letter.headers().add(Topics.DEAD_LETTER_REASON, reason.getBytes(UTF_8));
        return letter;
    }

    private static String from(ConsumerRecord<byte[], byte[]> record) {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }

    @Override
    public void close() {
        producer.close(CLOSE);
    }
}
