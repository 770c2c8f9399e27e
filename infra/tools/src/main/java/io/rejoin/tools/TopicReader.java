package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Reads all partitions of a topic, or one. It uses no consumer group, so it has no effect on the services. Confined to
 * one thread.
 */
final class TopicReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    /** The longest wait for the next record before a timeout. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Long> begins;
    private final Map<TopicPartition, Long> ends;

    /**
     * Connects, and reads the present begin and end of each partition.
     *
     * @throws OperatorException if there is no such topic
     */
    TopicReader(KafkaAccess kafka, String topic) {
        this(kafka, topic, -1);
    }

    /** @param partition the only one to read; -1 for all */
    TopicReader(KafkaAccess kafka, String topic, int partition) {
        this(kafka, topic, partition, "read_uncommitted");
    }

    /** Creates a reader that leaves out records of uncommitted and aborted transactions. */
    static TopicReader ofCommitted(KafkaAccess kafka, String topic, int partition) {
        return new TopicReader(kafka, topic, partition, "read_committed");
    }

    private TopicReader(KafkaAccess kafka, String topic, int partition, String isolation) {
        this.consumer = kafka.consumer(Map.of(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation, ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000,
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000));
        try {
            var known = consumer.partitionsFor(topic);
            if (known == null || known.isEmpty())
                throw new OperatorException("there is no topic " + topic + " at " + kafka.servers()
                        + ": no router has run here yet, or KAFKA_BOOTSTRAP_SERVERS or REJOIN_PREFIX is wrong");
            this.partitions = known.stream().map(each -> new TopicPartition(topic, each.partition()))
                    .filter(each -> partition < 0 || each.partition() == partition).toList();
            consumer.assign(partitions);
            this.begins = consumer.beginningOffsets(partitions);
            this.ends = consumer.endOffsets(partitions);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** The number of partitions that it reads. */
    int count() {
        return partitions.size();
    }

    /** By partition, the offset after the last record at the time when this reader was opened. */
    Map<Integer, Long> ends() {
        return ends.entrySet().stream()
                .collect(Collectors.toMap(each -> each.getKey().partition(), Map.Entry::getValue));
    }

    void fromBeginning() {
        begins.forEach(consumer::seek);
    }

    /** Starts at most this many records before the end of each partition. */
    void fromLast(long records) {
        ends.forEach((partition, end) -> consumer.seek(partition,
                Math.max(begins.getOrDefault(partition, 0L), end - records)));
    }

    /** Starts at the first record of that time or later, in each partition. */
    void since(Instant time) {
        var found = consumer.offsetsForTimes(
                partitions.stream().collect(Collectors.toMap(each -> each, _ -> time.toEpochMilli())));
        ends.forEach((partition, end) -> {
            var first = found.get(partition);
            consumer.seek(partition, first == null ? end : first.offset());
        });
    }

    /**
     * Passes all records to the reader, from the start position to the end at the time when this was opened. Some later
     * records may be among them. They are in order within a partition.
     *
     * @throws TimeoutException when Kafka delivers no record for too long
     */
    void readAll(Progress progress, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        var all = missing();
        var lately = System.nanoTime();
        for (var missing = all; missing > 0; missing = missing()) {
            progress.at(all - missing, all);
            var records = consumer.poll(POLL);
            records.forEach(reader);
            if (!records.isEmpty()) lately = System.nanoTime();
            else if (System.nanoTime() - lately > PATIENCE.toNanos())
                throw new TimeoutException("no records of " + partitions + " for " + PATIENCE.toSeconds() + " s");
        }
    }

    private long missing() {
        return partitions.stream()
                .mapToLong(each -> Math.max(0, ends.getOrDefault(each, 0L) - consumer.position(each))).sum();
    }

    /** Passes the next records to the reader; waits for them at most half a second. */
    void readNext(Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        consumer.poll(POLL).forEach(reader);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
