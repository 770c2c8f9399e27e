package io.rejoin.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.TopicNames;
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
import org.jspecify.annotations.Nullable;

/**
 * All events in {@code rejoin.events}, compared with each other: an event may be repeated, but only with the same
 * content.
 *
 * @param records   number of readable records
 * @param repeated  number of records whose {@code ce_id} occurred before
 * @param divergent records that differ from an earlier one with the same {@code ce_id}, or the same room, epoch and seq
 */
public record EventConsistency(int records, int repeated, List<String> divergent) {
    private static final Duration POLL = Duration.ofMillis(500);

    public EventConsistency {
        divergent = List.copyOf(divergent);
    }

    /** Reads the topic from its beginning to its present end. */
    public static EventConsistency read(String bootstrapServers) {
        var reading = new Reading();
        try (var consumer = new KafkaConsumer<>(Map.<String, Object>of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers, ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false), new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(TopicNames.PLAIN.events()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            var deadline = System.nanoTime() + Cluster.PATIENCE.toNanos();
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
                if (System.nanoTime() - deadline > 0) throw new AssertionError("not read in time: " + ends);
                for (var record : consumer.poll(POLL)) reading.take(record);
            }
        }
        return new EventConsistency(reading.records, reading.repeated, reading.divergent);
    }

    private static final class Reading {
        private final Map<String, String> byId = new HashMap<>();
        private final Map<String, String> byPlace = new HashMap<>();
        private final List<String> divergent = new ArrayList<>();
        private int records;
        private int repeated;

        private void take(ConsumerRecord<byte[], byte[]> record) {
            var headers = new HashMap<String, String>();
            for (var header : record.headers())
                if (header.value() != null) headers.put(header.key(), new String(header.value(), UTF_8));
            try {
                var sourced = EventCodec.decode(headers, record.value());
                records++;
                var text = sourced.event().toString();
                var first = byId.putIfAbsent(sourced.source().text(), text);
                if (first != null) repeated++;
                compare(record, sourced.source().text(), first, text);
                if (sourced.event() instanceof Event.MessagePosted(var room, var epoch, var seq, _, _, _, _)) {
                    var place = room.key() + " " + epoch + " " + seq;
                    compare(record, place, byPlace.putIfAbsent(place, text), text);
                }
            } catch (MalformedRecordException _) {
                // no reader accepts it as an event
            }
        }

        private void compare(ConsumerRecord<?, ?> record, String what, @Nullable String first, String now) {
            if (first == null || first.equals(now)) return;
            divergent.add(what + " was " + first + ", and at " + record.topic() + "-" + record.partition() + "@"
                    + record.offset() + " it is " + now);
        }
    }
}
