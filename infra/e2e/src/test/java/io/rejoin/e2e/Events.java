package io.rejoin.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the events of a topic, which may hold other records too. */
final class Events {
    private Events() {}

    /** Reads from the beginning to the present end; skips records that are no events. */
    static List<Event> read(String bootstrapServers, String topic) {
        var events = new ArrayList<Event>();
        try (var consumer = new KafkaConsumer<>(Map.<String, Object>of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers, ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false), new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            var deadline = System.nanoTime() + Cluster.PATIENCE.toNanos();
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
                if (System.nanoTime() - deadline > 0) throw new AssertionError("not read in time: " + ends);
                for (var record : consumer.poll(Duration.ofMillis(500))) take(record, events);
            }
        }
        return events;
    }

    private static void take(ConsumerRecord<byte[], byte[]> record, List<Event> events) {
        var headers = new HashMap<String, String>();
        for (var header : record.headers()) {
            if (header.value() != null) headers.put(header.key(), new String(header.value(), UTF_8));
        }
        try {
            events.add(EventCodec.decode(headers, record.value()).event());
        } catch (MalformedRecordException _) {
            // no event
        }
    }
}
