package io.rejoin.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.router.kafka.TestLog;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Posts to a room all the time, and watches when the messages appear in the events. */
final class Pulse implements AutoCloseable {
    private static final Duration EVERY = Duration.ofMillis(20);

    private final RoomId room = new RoomId("default", "pulse-" + UUID.randomUUID());
    private final Map<String, Object> settings;
    /** Seqs by source, in the order of arrival; a repetition counts once. */
    private final Map<String, Long> seen = new LinkedHashMap<>();
    private final AtomicLong last = new AtomicLong();
    private final AtomicLong longest = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final List<Thread> threads;

    Pulse(String bootstrapServers) {
        settings = Map.of("bootstrap.servers", bootstrapServers);
        var from = new TestLog(bootstrapServers).end(TopicNames.PLAIN.events());
        threads = List.of(Thread.ofPlatform().start(this::post), Thread.ofPlatform().start(() -> watch(from)));
    }

    /** Waits for more messages. Returns the longest time without one since {@link #begin}. */
    Duration silenceUntilMoreCame() {
        var before = seqs().size();
        await().atMost(TestLog.PATIENCE).until(() -> seqs().size() > before + 20);
        return Duration.ofNanos(longest.get());
    }

    /** Starts to measure the longest silence. */
    void begin() {
        silenceUntilMoreCame();
        longest.set(0);
    }

    /** The seqs so far in the order of arrival, without repetitions. */
    List<Long> seqs() {
        synchronized (seen) {
            return List.copyOf(seen.values());
        }
    }

    private void post() {
        var edge = new EdgeRef("pulse", 1, 0);
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (var n = 0; !closed.get(); n++) {
                var post = new Command.Post(room, new UserId("default", "ann"), new ConnectionId("c"), edge, "p" + n,
                        Content.text("tick"));
                var _ = producer.send(
                        new ProducerRecord<>(TopicNames.PLAIN.commands(), room.key().getBytes(UTF_8),
                                LogCodec.commands(List.of(post))));
                Thread.sleep(EVERY);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e); // no code interrupts this thread
        }
    }

    private void watch(long from) {
        var events = new TopicPartition(TopicNames.PLAIN.events(), 0);
        try (var reader = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            reader.assign(List.of(events));
            reader.seek(events, from);
            while (!closed.get()) {
                for (var record : reader.poll(Duration.ofMillis(20))) {
                    if (new String(record.key(), UTF_8).equals(room.key()))
                        saw(TestLog.header(record, EventCodec.ID), new String(record.value(), UTF_8));
                }
            }
        }
    }

    private void saw(String id, String event) {
        var seq = Long.parseLong(event.replaceAll(".*\"seq\":(\\d+).*", "$1"));
        synchronized (seen) {
            if (seen.putIfAbsent(id, seq) != null) return;
        }
        var now = System.nanoTime();
        var before = last.getAndSet(now);
        if (before != 0) longest.accumulateAndGet(now - before, Math::max);
    }

    @Override
    public void close() {
        closed.set(true);
        await().atMost(TestLog.PATIENCE).until(() -> threads.stream().noneMatch(Thread::isAlive));
    }
}
