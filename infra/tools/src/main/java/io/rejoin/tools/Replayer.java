package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.ToIntFunction;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;

/** Appends the originals of dead letters to their topics, one after the other, each once. Confined to one thread. */
final class Replayer implements AutoCloseable {
    private static final int BOUND_MS = 30_000;

    /** The outcome for a letter. */
    sealed interface Outcome {
        /**
         * The original was appended.
         *
         * @param at its new place, {@code topic-partition@offset}
         */
        record Done(String at) implements Outcome {}

        /** The original would have been appended; this is a dry run. */
        record WouldBe(String to) implements Outcome {}

        /** The original was not appended. */
        record Refused(String reason) implements Outcome {}
    }

    private final Producer<byte[], byte[]> producer;
    private final ToIntFunction<String> partitions;
    private final boolean dry;
    private final Set<Origin> taken = new HashSet<>();

    /** @param partitions the number of partitions of a topic, 0 if there is no such topic */
    Replayer(Producer<byte[], byte[]> producer, ToIntFunction<String> partitions, boolean dry) {
        this.producer = producer;
        this.partitions = partitions;
        this.dry = dry;
    }

    /** Creates a producer for a replayer. */
    static Producer<byte[], byte[]> producer(KafkaAccess kafka) {
        return kafka.producer(Map.of(ProducerConfig.LINGER_MS_CONFIG, 0, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                5_000,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, BOUND_MS, ProducerConfig.MAX_BLOCK_MS_CONFIG, BOUND_MS,
                // large enough that only the topic's own limit counts
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 16 << 20));
    }

    /**
     * Replays a letter. Returns once Kafka has acknowledged or refused the record.
     *
     * @throws OperatorException when the outcome is unknown: then the caller should not try the other letters either
     */
    Outcome replay(Letter letter, ReplayDecision verdict) {
        return switch (verdict) {
            case ReplayDecision.Refused(var reason) -> new Outcome.Refused(reason);
            case ReplayDecision.Replay(var origin) -> append(letter, origin);
        };
    }

    private Outcome append(Letter letter, Origin origin) {
        var there = partitions.applyAsInt(origin.topic());
        if (origin.partition() >= there)
            return new Outcome.Refused(there == 0
                    ? "there is no topic " + origin.topic()
                    : origin.topic() + " has only " + there + " partitions now: it was created again");
        if (!taken.add(origin))
            return new Outcome.Refused("its original " + origin.text() + " was already replayed in this run");
        var record = letter.original(origin);
        return dry ? new Outcome.WouldBe(record.topic() + "-" + record.partition()) : send(record);
    }

    private Outcome send(ProducerRecord<byte[], byte[]> record) {
        try {
            var at = producer.send(record).get();
            return new Outcome.Done(text(at));
        } catch (ExecutionException e) {
            return failed(record, Objects.requireNonNullElse(e.getCause(), e));
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (KafkaException e) {
            return failed(record, e);
        }
    }

    private static String text(RecordMetadata at) {
        return at.topic() + "-" + at.partition() + "@" + at.offset();
    }

    private static Outcome failed(ProducerRecord<byte[], byte[]> record, Throwable cause) {
        var place = record.topic() + "-" + record.partition();
        if (cause instanceof RetriableException)
            throw new OperatorException(
                    "unknown whether " + place + " has the record: Kafka did not acknowledge it within "
                            + BOUND_MS / 1000
                            + " s (" + cause.getMessage()
                            + "). Later letters were not tried. Look at the end of " + place
                            + " before you replay the letter again");
        return new Outcome.Refused(place + " does not accept the record: " + cause.getMessage());
    }

    @Override
    public void close() {
        producer.close();
    }
}
