package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Reads the latest value of each key of a compacted partition. */
public final class LatestValues {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);
    private static final Duration MAX_IDLE_TIME = Duration.ofSeconds(30);

    private LatestValues() {}

    /** The latest values, without deleted keys. */
    public static Map<String, byte[]> read(Consumer<byte[], byte[]> reader, TopicPartition partition) {
        var latest = new HashMap<String, byte[]>();
        forEach(reader, partition, record -> {
            var key = new String(record.key(), UTF_8);
            if (record.value() == null) latest.remove(key);
            else
                latest.put(key, record.value());
        });
        return latest;
    }

    /**
     * Reads the partition from the beginning to its current end, and stores nothing. If a key occurs several times, the
     * last record is the latest.
     *
     * @throws TimeoutException when no record comes for long
     */
    public static void forEach(Consumer<byte[], byte[]> reader, TopicPartition partition,
            java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> action) {
        var assigned = List.of(partition);
        reader.assign(assigned);
        reader.seekToBeginning(assigned);
        var end = Objects.requireNonNull(reader.endOffsets(assigned).get(partition));
        var lastProgress = System.nanoTime();
        while (reader.position(partition) < end) {
            var previousPosition = reader.position(partition);
            for (var record : reader.poll(POLL_TIMEOUT)) {
                // a record without a key comes from before compaction was set
                if (record.key() != null) action.accept(record);
            }
            if (reader.position(partition) > previousPosition) lastProgress = System.nanoTime();
            else if (System.nanoTime() - lastProgress > MAX_IDLE_TIME.toNanos()) {
                throw new TimeoutException(
                        "no record came from " + partition + " for " + MAX_IDLE_TIME.toSeconds() + " s");
            }
        }
    }
}
