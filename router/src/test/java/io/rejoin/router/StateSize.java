package io.rejoin.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.TopicNames;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The size of {@code rejoin.state}, as a router reads it when it takes over the only shard.
 *
 * @param keys    with a value
 * @param records all records, including those that were replaced and not compacted yet
 * @param bytes   of the keys and values of all records
 */
record StateSize(int keys, long records, long bytes) {
    static StateSize of(String bootstrapServers) {
        var partition = new TopicPartition(TopicNames.PLAIN.state(), 0);
        var assigned = List.of(partition);
        var keys = new HashSet<String>();
        var records = 0L;
        var bytes = 0L;
        try (var reader = new KafkaConsumer<>(Map.<String, Object>of("bootstrap.servers", bootstrapServers,
                "isolation.level", "read_committed", "auto.offset.reset", "earliest", "max.poll.records", 10_000),
                new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            reader.assign(assigned);
            reader.seekToBeginning(assigned);
            var end = Objects.requireNonNull(reader.endOffsets(assigned).get(partition));
            while (reader.position(partition) < end) {
                for (var record : reader.poll(Duration.ofMillis(200))) {
                    records++;
                    bytes += Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
                    var key = new String(record.key(), UTF_8);
                    if (record.value() == null) keys.remove(key);
                    else
                        keys.add(key);
                }
            }
        }
        return new StateSize(keys.size(), records, bytes);
    }
}
