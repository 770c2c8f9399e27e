package io.rejoin.e2e.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.e2e.check.Observation;
import io.rejoin.e2e.check.Observation.Source;
import io.rejoin.e2e.check.Recorder;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads {@code rejoin.events} from its beginning to its present end, as an analyst does. Of events with the same id,
 * only the first counts.
 */
final class TopicRead {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String READER = "topic-reader";

    private final String bootstrapServers;
    private final Recorder recorder;

    TopicRead(String bootstrapServers, Recorder recorder) {
        this.bootstrapServers = bootstrapServers;
        this.recorder = recorder;
    }

    /** Records the messages of these rooms, which belong to the default tenant. */
    void read(Set<String> rooms) throws IOException {
        try (var consumer = new KafkaConsumer<>(Map.<String, Object>of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false", ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_uncommitted"), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(TopicNames.PLAIN.events(), PATIENCE).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions, PATIENCE);
            var seen = new HashSet<String>();
            var deadline = System.nanoTime() + PATIENCE.toNanos();
            while (partitions.stream().anyMatch(p -> consumer.position(p, PATIENCE) < ends.getOrDefault(p, 0L))) {
                var records = consumer.poll(Duration.ofMillis(200));
                if (!records.isEmpty()) deadline = System.nanoTime() + PATIENCE.toNanos();
                else if (System.nanoTime() - deadline > 0)
                    throw new IOException(TopicNames.PLAIN.events() + " is not read to its"
                            + " end offsets " + ends + ": no record arrived for " + PATIENCE);
                for (var record : records) take(record, rooms, seen);
            }
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record, Set<String> rooms, Set<String> seen) {
        var headers = new HashMap<String, String>();
        for (var header : record.headers())
            if (header.value() != null) headers.put(header.key(), new String(header.value(), UTF_8));
        try {
            var sourced = EventCodec.decode(headers, record.value());
            if (!(sourced.event() instanceof Event.MessagePosted posted)) return;
            if (!posted.room().tenant().equals(RoomId.DEFAULT_TENANT) || !rooms.contains(posted.room().name())) return;
            if (!seen.add(sourced.source().text())) return;
            recorder.record(new Observation.FinalRead(recorder.at(READER, READER, 0), Source.TOPIC,
                    posted.room().name(), posted.seq(), posted.epoch(), posted.id(), posted.user().name(),
                    FinalReads.text(posted.content())));
        } catch (MalformedRecordException _) {
            // other tests check unreadable records
        }
    }
}
