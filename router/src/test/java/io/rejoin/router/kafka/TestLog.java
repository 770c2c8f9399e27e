package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.link.Frame;
import io.rejoin.router.LinkConfig;
import io.rejoin.router.RouterConfig;
import io.rejoin.router.checkpoint.CheckpointWriter;
import io.rejoin.router.core.StateCodec;
import io.rejoin.router.core.StateEntry;
import io.rejoin.router.topics.TopicSetup;
import io.rejoin.tracing.TraceSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Gives tests access to the topics, as edges and readers have. */
public final class TestLog {
    public static final Duration TIMEOUT = Duration.ofSeconds(60);
    /** One partition each, so that a test sees everything in one order. */
    public static final int PARTITIONS = 1;

    private final String bootstrapServers;
    private final KafkaClients clients;

    public TestLog(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        this.clients = new KafkaClients(config(bootstrapServers));
    }

    public static RouterConfig config(String bootstrapServers) {
        return config(bootstrapServers, Duration.ofSeconds(10));
    }

    public static RouterConfig config(String bootstrapServers, Duration sessionTimeout) {
        return new RouterConfig(KafkaAccess.of(bootstrapServers), PARTITIONS, (short) 1, sessionTimeout,
                Duration.ofMillis(300),
                Duration.ofDays(30), null, "127.0.0.1", 0,
                new LinkConfig(null, null), TraceSettings.OFF);
    }

    public KafkaClients clients() {
        return clients;
    }

    /** Appends one record; returns its offset. */
    public long append(Command... commands) throws Exception {
        return append(TopicNames.PLAIN.commands(), LogCodec.commands(List.of(commands)));
    }

    /** Appends one record; returns the frame with which an edge announces it. */
    public Frame.Appended appendAndGetFrame(Command... commands) throws Exception {
        var key = "key".getBytes(UTF_8);
        var value = LogCodec.commands(List.of(commands));
        try (var producer = clients.outputProducer(new InFlightLimits())) {
            var written = producer.send(new ProducerRecord<>(TopicNames.PLAIN.commands(), 0, key, value)).get();
            return new Frame.Appended(0, written.offset(), written.timestamp(), key, value, Map.of());
        }
    }

    /** The id of the topic of commands. */
    public String commandsId() throws Exception {
        return new TopicSetup(config(bootstrapServers)).check().id();
    }

    public long append(String topic, byte[] value) throws Exception {
        return append(topic, 0, "key", value);
    }

    public long append(String topic, int partition, String key, byte[] value) throws Exception {
        try (var producer = clients.outputProducer(new InFlightLimits())) {
            return producer.send(new ProducerRecord<>(topic, partition, key.getBytes(UTF_8), value)).get().offset();
        }
    }

    /** Appends a command record whose uncompressed size may exceed the broker's limit. */
    public long appendCompressed(byte[] value) throws Exception {
        Map<String, Object> settings = Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                ProducerConfig.COMPRESSION_TYPE_CONFIG, "gzip", ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 16_000_000);
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            return producer.send(new ProducerRecord<>(TopicNames.PLAIN.commands(), 0, "key".getBytes(UTF_8), value))
                    .get().offset();
        }
    }

    /** Commits a state whose position is before the first command. */
    public void checkpoint(List<StateEntry> entries) {
        try (var writer = new CheckpointWriter(clients.checkpointProducer(0), TopicNames.PLAIN.state(), 0)) {
            writer.commit(new StateCodec.Position(1, 0), entries.stream());
        }
    }

    /** The end of a topic's only partition. */
    public long end(String topic) {
        return end(topic, 0);
    }

    public long end(String topic, int number) {
        var partition = new TopicPartition(topic, number);
        try (var reader = clients.committedReader()) {
            return Objects.requireNonNull(reader.endOffsets(List.of(partition)).get(partition));
        }
    }

    /** Reads from an offset until {@code count} of the wanted records have come. */
    public List<ConsumerRecord<byte[], byte[]>> read(String topic, long from, int count,
            Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
        return read(topic, 0, from, count, wanted);
    }

    public List<ConsumerRecord<byte[], byte[]>> read(String topic, int number, long from, int count,
            Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
        var partition = new TopicPartition(topic, number);
        var found = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        try (var reader = clients.committedReader()) {
            reader.assign(List.of(partition));
            reader.seek(partition, from);
            await().atMost(TIMEOUT).until(() -> {
                reader.poll(Duration.ofMillis(200)).forEach(record -> {
                    if (wanted.test(record)) found.add(record);
                });
                return found.size() >= count;
            });
        }
        return found;
    }

    public static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }
}
