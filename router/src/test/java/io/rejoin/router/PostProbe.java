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
final class PostProbe implements AutoCloseable {
    private static final Duration POST_INTERVAL = Duration.ofMillis(20);

    private final RoomId room = new RoomId("default", "pulse-" + UUID.randomUUID());
    private final Map<String, Object> settings;
    /** Seqs by source, in the order of arrival; a repetition counts once. */
    private final Map<String, Long> seqsBySource = new LinkedHashMap<>();
    private final AtomicLong lastArrivalAt = new AtomicLong();
    private final AtomicLong longestGap = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final List<Thread> threads;

    PostProbe(String bootstrapServers) {
        settings = Map.of("bootstrap.servers", bootstrapServers);
        var from = new TestLog(bootstrapServers).end(TopicNames.PLAIN.events());
        threads = List.of(Thread.ofPlatform().start(this::post), Thread.ofPlatform().start(() -> readEvents(from)));
    }

    /** Waits for more messages. Returns the longest time without one since {@link #resetLongestGap}. */
    Duration awaitMoreAndGetLongestGap() {
        var before = seqs().size();
        await().atMost(TestLog.TIMEOUT).until(() -> seqs().size() > before + 20);
        return Duration.ofNanos(longestGap.get());
    }

    /** Starts to measure the longest silence. */
    void resetLongestGap() {
        awaitMoreAndGetLongestGap();
        longestGap.set(0);
    }

    /** The seqs so far in the order of arrival, without repetitions. */
    List<Long> seqs() {
        synchronized (seqsBySource) {
            return List.copyOf(seqsBySource.values());
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
                Thread.sleep(POST_INTERVAL);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e); // no code interrupts this thread
        }
    }

    private void readEvents(long from) {
        var events = new TopicPartition(TopicNames.PLAIN.events(), 0);
        try (var reader = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            reader.assign(List.of(events));
            reader.seek(events, from);
            while (!closed.get()) {
                for (var record : reader.poll(Duration.ofMillis(20))) {
                    if (new String(record.key(), UTF_8).equals(room.key()))
                        onEvent(TestLog.header(record, EventCodec.ID), new String(record.value(), UTF_8));
                }
            }
        }
    }

    private void onEvent(String id, String event) {
        var seq = Long.parseLong(event.replaceAll(".*\"seq\":(\\d+).*", "$1"));
        synchronized (seqsBySource) {
            if (seqsBySource.putIfAbsent(id, seq) != null) return;
        }
        var now = System.nanoTime();
        var before = lastArrivalAt.getAndSet(now);
        if (before != 0) longestGap.accumulateAndGet(now - before, Math::max);
    }

    @Override
    public void close() {
        closed.set(true);
        await().atMost(TestLog.TIMEOUT).until(() -> threads.stream().noneMatch(Thread::isAlive));
    }
}
