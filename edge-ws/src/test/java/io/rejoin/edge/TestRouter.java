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
import io.rejoin.contracts.replay.StoredMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
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

/** Plays the router: reads every command from the beginning, answers it, and loses deliveries when told to. */
final class TestRouter {
    private record Member(UserId user, EdgeRef edge) {}

    private record Unconfirmed(Command.Post post, long seq) {}

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
    private final Map<RoomId, Room> rooms = new HashMap<>();
    private final List<Command> commands = new CopyOnWriteArrayList<>();
    private final AtomicInteger messagesToLose = new AtomicInteger();
    private final Thread thread;
    private int outputs;

    TestRouter(String bootstrapServers, TestHistory history, int partitions) {
        var settings = new Properties();
        settings.put("bootstrap.servers", bootstrapServers);
        this.consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        settings.put("max.in.flight.requests.per.connection", 1); // as a router does
        this.producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        this.history = history;
        var all = IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(TopicNames.PLAIN.commands(), p))
                .toList();
        consumer.assign(all);
        consumer.seekToBeginning(all);
        this.thread = Thread.ofPlatform().name("test-router").start(this::run);
    }

    List<Command> commands() {
        return List.copyOf(commands);
    }

    /** The next messages reach history, but no edge. */
    void loseMessages(int count) {
        messagesToLose.set(count);
    }

    /** Gives an incarnation of an edge up, in the partition of a room. */
    void giveUp(EdgeRef edge, RoomId room) {
        send(edge, new Source(Topics.partition(room, 2), Long.MAX_VALUE, 0), new Delivery.GivenUp(edge.incarnation()));
    }

    /** Puts a record into an edge's deliveries that cannot be read. */
    void poison(EdgeRef edge) {
        var _ = producer
                .send(new ProducerRecord<>(TopicNames.PLAIN.deliveries(), edge.partition(), edge.edge().getBytes(UTF_8),
                        "{\"v\":99".getBytes(UTF_8)));
    }

    /** Says a message again to a user whose connections an edge holds, in the midst of everything else. */
    void redeliver(EdgeRef edge, RoomId room, long seq, UserId user) {
        send(edge, new Source(Topics.partition(room, 2), 0, 0), new Delivery.Redeliver(room, 1, seq, user));
    }

    private void run() {
        try (consumer; producer) {
            while (true) {
                for (var record : consumer.poll(Duration.ofMillis(200))) take(record);
            }
        } catch (WakeupException _) {
            // closed
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        try {
            outputs = 0;
            for (var command : LogCodec.commands(record.value())) {
                commands.add(command); // before anybody can have its answer
                take(command, record);
            }
        } catch (MalformedRecordException e) {
            throw new AssertionError(e);
        }
    }

    private void take(Command command, ConsumerRecord<byte[], byte[]> at) {
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

    /** A room's messages are confirmed by the first who acknowledges them. */
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
        send(edge, new Source(at.partition(), at.offset(), outputs++), delivery);
    }

    private void send(EdgeRef edge, Source source, Delivery delivery) {
        var batch = new DeliveryBatch(edge.edge(), edge.incarnation(),
                List.of(new DeliveryBatch.Entry(source, delivery)));
        var _ = producer
                .send(new ProducerRecord<>(TopicNames.PLAIN.deliveries(), edge.partition(), edge.edge().getBytes(UTF_8),
                        LogCodec.deliveries(batch)));
    }

    private Room room(RoomId id) {
        return Objects.requireNonNull(rooms.computeIfAbsent(id, _ -> new Room()));
    }

    private static List<UserId> users(Room room) {
        return room.members.values().stream().map(Member::user).distinct().sorted().toList();
    }

    void stop() throws InterruptedException {
        consumer.wakeup();
        thread.join();
    }
}
