package io.rejoin.history;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Writes {@code rejoin.events} like a router: the sources of each partition count up. */
final class EventLog implements AutoCloseable {
    static final UserId ANN = new UserId("default", "ann");
    static final long EPOCH = 7;
    static final int LARGEST_DEAD_LETTER = 100_000;

    private final String bootstrapServers;
    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Map<Integer, Long> sources = new HashMap<>();
    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    private final int partitions;

    EventLog(String bootstrapServers, int partitions) {
        this.bootstrapServers = bootstrapServers;
        this.partitions = partitions;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
        // One request at a time, as in routers: else later batches overtake a first batch that a new partition has
        // refused
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "linger.ms", 5, "max.request.size",
                        4_000_000,
                        "buffer.memory", 128L << 20, "max.in.flight.requests.per.connection", 1),
                new ByteArraySerializer(), new ByteArraySerializer());
        createEvents();
        var deadLettersTopic = new NewTopic(TopicNames.PLAIN.deadLetters(), 1, (short) 1);
        create(deadLettersTopic.configs(Map.of("max.message.bytes", Integer.toString(LARGEST_DEAD_LETTER))));
    }

    void createEvents() {
        create(new NewTopic(TopicNames.PLAIN.events(), partitions, (short) 1));
    }

    private void create(NewTopic topic) {
        await(() -> admin.createTopics(List.of(topic)).all().get());
    }

    /** The id that Kafka gave the topic of events. */
    String eventsId() {
        try {
            var topics = admin.describeTopics(List.of(TopicNames.PLAIN.events())).allTopicNames().get();
            return Objects.requireNonNull(topics.get(TopicNames.PLAIN.events())).topicId().toString();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    Admin admin() {
        return admin;
    }

    int partition(RoomId room) {
        return Topics.partition(room, partitions);
    }

    static Event.MessagePosted message(RoomId room, long seq, Content content) {
        return new Event.MessagePosted(room, EPOCH, seq, ANN, "id-" + seq, content, 1_000 + seq);
    }

    static Event.MessagePosted message(RoomId room, long seq) {
        return message(room, seq, Content.text("text " + seq));
    }

    /** Posts messages with the seqs from {@code from} to {@code to}, both included. */
    void post(RoomId room, long from, long to) {
        LongStream.rangeClosed(from, to).forEach(seq -> send(message(room, seq)));
        flush();
    }

    Source publish(Event event) {
        var source = send(event);
        flush();
        return source;
    }

    private synchronized Source send(Event event) {
        var partition = partition(event.room());
        var source = new Source(partition, sources.merge(partition, 1L, Long::sum), 0);
        send(event, source);
        return source;
    }

    void publish(Event event, Source source) {
        send(event, source);
        flush();
    }

    private void send(Event event, Source source) {
        publishRaw(partition(event.room()), event.room().key(), EventCodec.headers(event, source),
                EventCodec.value(event));
    }

    void publishRaw(int partition, String key, Map<String, String> headers, byte @Nullable [] value) {
        var record = new ProducerRecord<>(TopicNames.PLAIN.events(), partition, key.getBytes(UTF_8), value);
        headers.forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
        var _ = producer.send(record, (_, failure) -> {
            if (failure != null) failures.add(failure);
        });
    }

    /** Waits until Kafka has stored all sent records. */
    void flush() {
        producer.flush();
        assertThat(failures).isEmpty();
    }

    /** All dead letters so far. */
    List<ConsumerRecord<byte[], byte[]>> deadLetters() {
        var partition = new TopicPartition(TopicNames.PLAIN.deadLetters(), 0);
        try (var consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrapServers),
                new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            var end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            var found = new ArrayList<ConsumerRecord<byte[], byte[]>>();
            while (consumer.position(partition) < end) consumer.poll(Duration.ofSeconds(1)).forEach(found::add);
            return found;
        }
    }

    /** A request to Kafka. */
    @FunctionalInterface
    interface KafkaRequest {
        Object run() throws InterruptedException, ExecutionException;
    }

    static void await(KafkaRequest request) {
        try {
            request.run();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        producer.close();
        admin.close();
    }
}
