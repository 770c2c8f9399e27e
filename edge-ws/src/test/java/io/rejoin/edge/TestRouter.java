package io.rejoin.edge;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.contracts.log.RouterBeat;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.edge.link.RouterServer;
import io.rejoin.link.EdgeStream;
import io.rejoin.link.Frame;
import io.rejoin.link.LinkFrameCodec;
import io.rejoin.link.LinkListener;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Plays the router: reads every command from the beginning and answers it. Loses messages on request. Keeps the
 * deliveries for each edge, and sends them when the edge opens a stream.
 */
final class TestRouter implements LinkListener {
    private static final Duration BEAT_INTERVAL = Duration.ofMillis(200);

    private record Member(UserId user, EdgeRef edge) {}

    private record Unconfirmed(Command.Post post, long seq) {}

    /** The deliveries for one edge, and its stream. Guarded by the monitor of {@link TestRouter#deliveriesByEdge}. */
    private static final class EdgeDeliveries {
        final List<DeliveryBatch> batches = new ArrayList<>();
        @Nullable
        EdgeStream stream;
    }

    private static final class Room {
        final Map<ConnectionId, Member> members = new LinkedHashMap<>();
        final Map<UserId, Long> cursors = new HashMap<>();
        final List<Unconfirmed> unconfirmed = new ArrayList<>();
        long seq;
        long version;
    }

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final TestHistory history;
    private final int partitions;
    private final RouterServer server;
    private final String id = "test-router-" + UUID.randomUUID();
    private final Map<String, EdgeDeliveries> deliveriesByEdge = new HashMap<>();
    private final Map<RoomId, Room> rooms = new HashMap<>();
    private final List<Command> commands = new CopyOnWriteArrayList<>();
    private final AtomicInteger messagesToLose = new AtomicInteger();
    private final Thread thread;
    private int outputIndex;
    private long lastBeatAt = System.nanoTime() - BEAT_INTERVAL.toNanos();

    /** @param secret the secret that edges must send; null for none */
    TestRouter(String bootstrapServers, TestHistory history, int partitions, @Nullable String secret)
            throws IOException {
        var settings = new Properties();
        settings.put("bootstrap.servers", bootstrapServers);
        this.consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        settings.put("max.block.ms", 1_000); // without Kafka, a heartbeat is lost and does not block
        this.producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        this.history = history;
        this.partitions = partitions;
        this.server = new RouterServer(0, secret, this);
        var all = IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(TopicNames.PLAIN.commands(), p))
                .toList();
        consumer.assign(all);
        consumer.seekToBeginning(all);
        this.thread = Thread.ofPlatform().name("test-router").start(this::run);
    }

    List<Command> commands() {
        return List.copyOf(commands);
    }

    /** Makes the next messages reach history, but no edge. */
    void loseMessages(int count) {
        messagesToLose.set(count);
    }

    /** Gives up an incarnation of an edge, in the partition of a room. */
    void giveUp(EdgeRef edge, RoomId room) {
        send(edge, new Source(partition(room), Long.MAX_VALUE, 0), new Delivery.GivenUp(edge.incarnation()));
    }

    /** Sends unreadable deliveries to an edge. */
    void sendUnreadable(EdgeRef edge) {
        sendBytes(edge, "{\"v\":99".getBytes(UTF_8));
    }

    /** Redelivers a message to a user on an edge, outside the order of the log. */
    void redeliver(EdgeRef edge, RoomId room, long seq, UserId user) {
        sendBytes(edge,
                LogCodec.deliveries(new DeliveryBatch(edge.edge(), edge.incarnation(), List.of(new DeliveryBatch.Entry(
                        new Source(partition(room), 0, 0), new Delivery.Redeliver(room, 1, seq, user))))));
    }

    private int partition(RoomId room) {
        return Topics.partition(room, partitions);
    }

    String address() {
        return server.address();
    }

    @Override
    public void onOpened(EdgeStream stream) {
        synchronized (deliveriesByEdge) {
            var deliveries = deliveriesOf(stream.hello().edge());
            deliveries.stream = stream;
            for (var partition = 0; partition < partitions; partition++) {
                stream.send(LinkFrameCodec.encode(
                        new Frame.Begins(partition, stream.hello().incarnation(), position(stream, partition))));
            }
            for (var batch : deliveries.batches) {
                if (isMissing(stream, batch)) stream.send(frame(LogCodec.deliveries(batch)));
            }
        }
    }

    private static boolean isMissing(EdgeStream stream, DeliveryBatch batch) {
        var source = batch.entries().getFirst().source();
        var at = position(stream, source.partition());
        return batch.incarnation() >= stream.hello().incarnation() && (at == null || source.isBeyond(at));
    }

    private static @Nullable Source position(EdgeStream stream, int partition) {
        return stream.hello().positions().stream().filter(source -> source.partition() == partition).findFirst()
                .orElse(null);
    }

    @Override
    public void onPositions(EdgeStream stream, Frame.Positions reached) {
        // this router keeps all deliveries until the test ends
    }

    @Override
    public void onAppended(EdgeStream stream, Frame.Appended record) {
        // this router reads the log instead
    }

    @Override
    public void onEnded(EdgeStream stream) {
        synchronized (deliveriesByEdge) {
            var deliveries = deliveriesOf(stream.hello().edge());
            if (stream.equals(deliveries.stream)) deliveries.stream = null;
        }
    }

    private EdgeDeliveries deliveriesOf(String edge) {
        return Objects.requireNonNull(deliveriesByEdge.computeIfAbsent(edge, _ -> new EdgeDeliveries()));
    }

    private void run() {
        try (consumer; producer) {
            while (true) {
                for (var record : consumer.poll(BEAT_INTERVAL)) handle(record);
                beat();
            }
        } catch (WakeupException _) {
            // stop() was called
        }
    }

    private void beat() {
        if (System.nanoTime() - lastBeatAt < BEAT_INTERVAL.toNanos()) return;
        lastBeatAt = System.nanoTime();
        var record = new ProducerRecord<byte[], byte[]>(TopicNames.PLAIN.edges(), RouterBeat.key(id).getBytes(UTF_8),
                null);
        record.headers().add(RouterBeat.LINK, server.address().getBytes(UTF_8));
        var _ = producer.send(record);
    }

    private void handle(ConsumerRecord<byte[], byte[]> record) {
        try {
            outputIndex = 0;
            for (var command : LogCodec.commands(record.value())) {
                commands.add(command); // before its answer is sent, so that a test sees it after the answer
                handle(command, record);
            }
        } catch (MalformedRecordException e) {
            throw new AssertionError(e);
        }
    }

    private void handle(Command command, ConsumerRecord<byte[], byte[]> at) {
        switch (command) {
            case Command.Join(var id, var user, var connection, var edge, var request) -> {
                var room = room(id);
                var isFirst = !users(room).contains(user);
                room.members.put(connection, new Member(user, edge));
                send(edge, at,
                        new Delivery.Joined(id, connection, request, 1, room.seq, users(room), users(room).size(),
                                isFirst ? room.version + 1 : room.version, room.cursors.get(user)));
                if (isFirst) presence(id, Delivery.Action.JOIN, user, at);
            }
            case Command.Leave(var id, var connection, var _) -> {
                var left = room(id).members.remove(connection);
                if (left != null && !users(room(id)).contains(left.user()))
                    presence(id, Delivery.Action.LEAVE, left.user(), at);
            }
            case Command.Post post -> post(post, at);
            case Command.ListMembers(var id, var connection, var edge, var request) -> send(edge, at,
                    new Delivery.MemberList(id, connection, request, users(room(id)), users(room(id)).size(), 1));
            case Command.Acknowledge ack -> acknowledge(ack, at);
            case Command.EdgeLost _,Command.Expire _,Command.Forget _ ->
                throw new AssertionError("only routers append that");
        }
    }

    private void post(Command.Post post, ConsumerRecord<byte[], byte[]> at) {
        var seq = ++room(post.room()).seq;
        history.add(post.room(), new StoredMessage(seq, post.user(), post.id(), post.content(), at.timestamp()));
        if (post.confirmWithinMs() != null) room(post.room()).unconfirmed.add(new Unconfirmed(post, seq));
        if (messagesToLose.get() > 0) messagesToLose.decrementAndGet();
        else
            toAll(post.room(), at,
                    new Delivery.Message(post.room(), 1, seq, post.user(), post.id(), post.content(), at.timestamp()));
        if (post.id() != null)
            send(post.edge(), at,
                    new Delivery.Acked(post.room(), post.connection(), post.id(), seq, at.timestamp(), false));
    }

    /** Moves a cursor. The first user that acknowledges a message confirms it. */
    private void acknowledge(Command.Acknowledge ack, ConsumerRecord<byte[], byte[]> at) {
        var room = room(ack.room());
        if (ack.seq() <= room.cursors.getOrDefault(ack.user(), 0L)) return;
        room.cursors.put(ack.user(), ack.seq());
        toAll(ack.room(), at, new Delivery.Cursor(ack.room(), ack.user(), 1, ack.seq(), ack.connection()));
        var confirmed = room.unconfirmed.stream().filter(waiting -> waiting.seq() <= ack.seq()).toList();
        room.unconfirmed.removeAll(confirmed);
        for (var one : confirmed)
            send(one.post().edge(), at, new Delivery.Confirmed(ack.room(), one.post().connection(), one.seq(),
                    one.post().id(), ack.user()));
    }

    private void presence(RoomId id, Delivery.Action action, UserId user, ConsumerRecord<byte[], byte[]> at) {
        if (id.isPersonal()) return;
        var room = room(id);
        toAll(id, at, new Delivery.Presence(id, action, user, users(room).size(), ++room.version));
    }

    private void toAll(RoomId id, ConsumerRecord<byte[], byte[]> at, Delivery delivery) {
        room(id).members.values().stream().map(Member::edge).distinct().forEach(edge -> send(edge, at, delivery));
    }

    private void send(EdgeRef edge, ConsumerRecord<byte[], byte[]> at, Delivery delivery) {
        send(edge, new Source(at.partition(), at.offset(), outputIndex++), delivery);
    }

    private void send(EdgeRef edge, Source source, Delivery delivery) {
        var batch = new DeliveryBatch(edge.edge(), edge.incarnation(),
                List.of(new DeliveryBatch.Entry(source, delivery)));
        synchronized (deliveriesByEdge) {
            deliveriesOf(edge.edge()).batches.add(batch);
            sendBytes(edge, LogCodec.deliveries(batch));
        }
    }

    private void sendBytes(EdgeRef edge, byte[] deliveries) {
        synchronized (deliveriesByEdge) {
            var stream = deliveriesOf(edge.edge()).stream;
            if (stream != null) stream.send(frame(deliveries));
        }
    }

    private static byte[] frame(byte[] deliveries) {
        return LinkFrameCodec.encode(new Frame.Deliveries(deliveries, Map.of()));
    }

    private Room room(RoomId id) {
        return Objects.requireNonNull(rooms.computeIfAbsent(id, _ -> new Room()));
    }

    private static List<UserId> users(Room room) {
        return room.members.values().stream().map(Member::user).distinct().sorted().toList();
    }

    /** Stops the router, and ends all streams. */
    void stop() throws InterruptedException {
        consumer.wakeup();
        thread.join();
        server.close();
    }
}
