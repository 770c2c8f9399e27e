package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** The latest value of each key of a compacted partition. */
final class Latest {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Latest() {}

    /**
     * Reads from the beginning to what is the end now; those whose value was taken back are left out.
     *
     * @throws TimeoutException when nothing comes for long
     */
    static Map<String, byte[]> of(Consumer<byte[], byte[]> reader, TopicPartition partition) {
        var assigned = List.of(partition);
        reader.assign(assigned);
        reader.seekToBeginning(assigned);
        var end = Objects.requireNonNull(reader.endOffsets(assigned).get(partition));
        var latest = new HashMap<String, byte[]>();
        var lastProgress = System.nanoTime();
        while (reader.position(partition) < end) {
            var before = reader.position(partition);
            for (var record : reader.poll(POLL)) {
                if (record.key() == null) continue; // of somebody who made the topic without compaction
                var key = new String(record.key(), UTF_8);
                if (record.value() == null) latest.remove(key);
                else
                    latest.put(key, record.value());
            }
            if (reader.position(partition) > before) lastProgress = System.nanoTime();
            else if (System.nanoTime() - lastProgress > PATIENCE.toNanos()) {
                throw new TimeoutException("nothing came from " + partition + " for " + PATIENCE.toSeconds() + " s");
            }
        }
        return latest;
    }
}
