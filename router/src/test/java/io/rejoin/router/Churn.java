package io.rejoin.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.router.kafka.TestLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** An edge whose connections join new rooms and leave them a moment later. */
final class Churn implements AutoCloseable {
    /** Longer than the interval of checkpoints, so that each room is written to the state and deleted again. */
    private static final Duration MEMBER_TIME = Duration.ofMillis(2_500);
    private static final Duration BATCH_INTERVAL = Duration.ofMillis(20);

    private final EdgeRef edge = new EdgeRef("churn-" + UUID.randomUUID(), 1, 0);
    private final Map<String, Object> settings;
    private final int roomsPerBatch;
    private final long memberBatches = MEMBER_TIME.dividedBy(BATCH_INTERVAL);
    private final AtomicLong batches = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread thread;

    /** @param rate new rooms per second */
    Churn(String bootstrapServers, int rate) {
        settings = Map.of("bootstrap.servers", bootstrapServers);
        roomsPerBatch = (int) (rate * BATCH_INTERVAL.toMillis() / 1_000);
        thread = Thread.ofPlatform().name("churn").start(this::run);
    }

    /** The number of rooms joined so far. */
    long rooms() {
        return batches.get() * roomsPerBatch;
    }

    /** At most this many rooms have a member at the same time. */
    long maxOccupiedRooms() {
        return (memberBatches + 1) * roomsPerBatch;
    }

    /** Appends joins and leaves. On a slow machine it catches up, so that the rate per second holds. */
    private void run() {
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            var startedAt = System.nanoTime();
            while (!closed.get()) {
                var batch = batches.get();
                var _ = producer.send(new ProducerRecord<>(TopicNames.PLAIN.commands(), 0, edge.edge().getBytes(UTF_8),
                        LogCodec.commands(commands(batch))));
                if (batch % 20 == 0) heartbeat(producer);
                batches.incrementAndGet();
                var nanosUntilNext = startedAt + BATCH_INTERVAL.toNanos() * (batch + 1) - System.nanoTime();
                if (nanosUntilNext > 0) Thread.sleep(Duration.ofNanos(nanosUntilNext));
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e); // no code interrupts this thread
        }
    }

    private void heartbeat(Producer<byte[], byte[]> producer) {
        var _ = producer.send(new ProducerRecord<>(TopicNames.PLAIN.edges(), 0, edge.edge().getBytes(UTF_8),
                LogCodec.heartbeat(new EdgeHeartbeat(edge, "127.0.0.1:0", 1))));
    }

    private List<Command> commands(long batch) {
        var commands = new ArrayList<Command>();
        for (var n = 0; n < roomsPerBatch; n++) {
            var name = batch * roomsPerBatch + n;
            commands.add(
                    new Command.Join(room(name), new UserId("default", "user-" + name), connection(name), edge, name));
            var left = (batch - memberBatches) * roomsPerBatch + n;
            if (left >= 0) commands.add(new Command.Leave(room(left), connection(left), edge));
        }
        return commands;
    }

    private static RoomId room(long number) {
        return new RoomId("default", "room-" + number);
    }

    private static ConnectionId connection(long number) {
        return new ConnectionId("%024x".formatted(number));
    }

    @Override
    public void close() {
        closed.set(true);
        await().atMost(TestLog.TIMEOUT).until(() -> !thread.isAlive());
    }
}
