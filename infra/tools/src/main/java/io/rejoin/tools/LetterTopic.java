package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Reads one partition of {@code rejoin.dead-letters}. The topic has only one partition if a router created it. Confined
 * to one thread.
 */
final class LetterTopic implements AutoCloseable {
    private static final int ANSWER_MS = 15_000;
    private static final Duration POLL = Duration.ofMillis(500);
    /** The longest wait for the next record before a timeout. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final long begin;
    private final long end;

    /**
     * Connects, and reads the present begin and end of the partition. Later records are not read.
     *
     * @throws OperatorException if there is no such partition
     */
    LetterTopic(KafkaAccess kafka, int partition) {
        this.consumer = kafka.consumer(Map.of(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MS,
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000));
        this.partition = new TopicPartition(kafka.topics().deadLetters(), partition);
        try {
            requirePartition(kafka.servers());
            var only = List.of(this.partition);
            consumer.assign(only);
            this.begin = consumer.beginningOffsets(only).getOrDefault(this.partition, 0L);
            this.end = consumer.endOffsets(only).getOrDefault(this.partition, 0L);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    private void requirePartition(String servers) {
        var partitions = partitions(partition.topic());
        if (partitions == 0)
            throw new OperatorException("there is no topic " + partition.topic() + " at " + servers
                    + ": no router has run here yet, or KAFKA_BOOTSTRAP_SERVERS or REJOIN_PREFIX is wrong");
        if (partition.partition() >= partitions)
            throw new OperatorException(partition.topic() + " has the partitions 0 to " + (partitions - 1));
    }

    /** The number of partitions of a topic; 0 if there is no such topic. */
    int partitions(String topic) {
        var partitions = consumer.partitionsFor(topic);
        return partitions == null ? 0 : partitions.size();
    }

    /** The offset of the oldest letter in the topic. */
    long begin() {
        return begin;
    }

    /** The offset after the newest letter at the time when this was opened. */
    long end() {
        return end;
    }

    /** The offset of the first letter of that time or later. */
    long since(Instant time) {
        var found = consumer.offsetsForTimes(Map.of(partition, time.toEpochMilli())).get(partition);
        return found == null ? end : found.offset();
    }

    /**
     * Passes all letters from an offset on to the reader, in order.
     *
     * @throws TimeoutException when Kafka delivers no record for too long
     */
    void read(long from, Consumer<Letter> reader) {
        read(from, end, reader);
    }

    private void read(long from, long to, Consumer<Letter> reader) {
        consumer.seek(partition, from);
        var progress = System.nanoTime();
        while (consumer.position(partition) < to) {
            var records = consumer.poll(POLL);
            for (var record : records) {
                if (record.offset() < to) reader.accept(new Letter(record));
            }
            if (!records.isEmpty()) progress = System.nanoTime();
            else if (System.nanoTime() - progress > PATIENCE.toNanos())
                throw new TimeoutException("no records of " + partition + " for " + PATIENCE.toSeconds() + " s");
        }
    }

    /** The letter at an offset; empty if there is none, or if it has expired. */
    Optional<Letter> find(long offset) {
        if (offset < begin || offset >= end) return Optional.empty();
        var found = new Letter[1];
        read(offset, offset + 1, letter -> found[0] = letter);
        return Optional.ofNullable(found[0]).filter(letter -> letter.offset() == offset);
    }

    /** The reason why {@link #find} found nothing, for people. */
    String missing(long offset) {
        var kept = begin == end ? "the partition is empty" : "the partition has letters " + begin + " to " + (end - 1);
        return "no letter " + offset + " in " + partition + ": " + kept + "; older letters have expired";
    }

    @Override
    public void close() {
        consumer.close();
    }
}
