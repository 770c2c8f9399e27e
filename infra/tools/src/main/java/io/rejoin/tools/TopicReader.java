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

/** Reads a topic, all partitions or one of them, without a group: nobody notices. Confined to one thread. */
final class TopicReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    /** How long no record may come, in a row, while some are to come. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Long> begins;
    private final Map<TopicPartition, Long> ends;

    /**
     * Connects, and learns what is there now.
     *
     * @throws TroubleException if there is no such topic
     */
    TopicReader(KafkaAccess kafka, String topic) {
        this(kafka, topic, -1);
    }

    /** @param partition the only one to read; -1 for all */
    TopicReader(KafkaAccess kafka, String topic, int partition) {
        this(kafka, topic, partition, "read_uncommitted");
    }

    /** One that leaves out what stands in no transaction that was committed. */
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
                throw new TroubleException("there is no topic " + topic + " at " + kafka.servers()
                        + ": no router has run here yet, or KAFKA_BOOTSTRAP_SERVERS or REJOIN_PREFIX name another"
                        + " installation");
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

    /** How many partitions it reads. */
    int count() {
        return partitions.size();
    }

    /** The offset after the last record that was there when this was opened, by partition. */
    Map<Integer, Long> ends() {
        return ends.entrySet().stream()
                .collect(Collectors.toMap(each -> each.getKey().partition(), Map.Entry::getValue));
    }

    void fromBeginning() {
        begins.forEach(consumer::seek);
    }

    /** So many records before the end of each partition, at most. */
    void fromLast(long records) {
        ends.forEach((partition, end) -> consumer.seek(partition,
                Math.max(begins.getOrDefault(partition, 0L), end - records)));
    }

    /** The first record of that time or later, in each partition. */
    void since(Instant time) {
        var found = consumer.offsetsForTimes(
                partitions.stream().collect(Collectors.toMap(each -> each, _ -> time.toEpochMilli())));
        ends.forEach((partition, end) -> {
            var first = found.get(partition);
            consumer.seek(partition, first == null ? end : first.offset());
        });
    }

    /**
     * Hands on what was there when this was opened, from where it was told to begin, and perhaps some that came since; in order
     * within a partition.
     *
     * @throws TimeoutException when Kafka does not give it
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

    /** Hands on what comes next; waits for it for half a second at most. */
    void readNext(Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        consumer.poll(POLL).forEach(reader);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
