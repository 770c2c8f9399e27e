package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.FakeStream;
import io.rejoin.servers.Servers;
import io.rejoin.tracing.Tracing;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Commands expire before a checkpoint includes them. */
class ExpiredCommandsIT {
    private final String servers = Servers.broker().bootstrapServers();
    private final TestLog log = new TestLog(servers);
    private final OutputProducer outputs = new OutputProducer(() -> log.clients().outputs(new InFlight()));
    private final EdgeStreams streams = new EdgeStreams();
    private final RoomId room = new RoomId("default", "room-" + UUID.randomUUID());
    private final EdgeRef edge = new EdgeRef("edge-" + UUID.randomUUID(), 1, 0);
    private final EdgeRef unknown = new EdgeRef("edge-" + UUID.randomUUID(), 1, 0);

    @Test
    void roomsBeginANewEpochAndTheirMembersAreToldToJoinAgain() throws Exception {
        new TopicSetup(TestLog.config(servers)).ensure();
        var events = log.end(TopicNames.PLAIN.events());
        log.append(new Command.Join(room, new UserId("default", "ann"), new ConnectionId("c"), edge, 1), post("a"));
        var first = takeOver();
        run(first);
        first.release();
        var epoch = field("epoch", log.read(TopicNames.PLAIN.events(), events, 2, this::isOfRoom).getLast());
        log.append(post("never taken"));
        announce(unknown); // its members' joins expire now, so no state holds them
        expireAll();
        var kept = log.append(post("b"), post("a"));

        takeOver().abandon(); // the takeover itself does all of it, before a command is taken
        var second = takeOver();

        assertThat(second.next()).isEqualTo(kept);
        assertThat(second.edges()).doesNotContain(edge);
        for (var one : List.of(edge, unknown)) {
            var lost = log.read(TopicNames.PLAIN.commands(), kept, 1, command -> isFor(one, command)).getFirst();
            assertThat(LogCodec.commands(lost.value())).containsExactly(new Command.EdgeLost(one.edge(), 1));
        }
        run(second);
        for (var one : List.of(edge, unknown)) {
            var stream = new FakeStream(one);
            streams.opened(stream);
            second.tellIfGivenUp(one);
            assertThat(stream.deliveries()).endsWith(new Delivery.GivenUp(1));
        }
        var event = log.read(TopicNames.PLAIN.events(), events, 3, this::isOfRoom).getLast();
        assertThat(new String(event.value(), UTF_8)).contains("\"id\":\"b\"").contains("\"seq\":1,");
        assertThat(field("epoch", event)).isGreaterThan(epoch);
        second.release();
        // the duplicate window still holds "a"
        assertThat(log.read(TopicNames.PLAIN.events(), events, 3, this::isOfRoom)).hasSize(3);
    }

    @AfterEach
    void closeOutputs() {
        outputs.close();
    }

    private OwnedShard takeOver() {
        return new Takeover(0, log.clients(), outputs, streams, CommandReader.of(1),
                new AnnouncedEdges(log.clients()),
                new InFlight(),
                new RouterMeters(new SimpleMeterRegistry()), Tracing.off())
                .run();
    }

    private void run(OwnedShard shard) {
        var end = log.end(TopicNames.PLAIN.commands());
        shard.take(log.read(TopicNames.PLAIN.commands(), shard.next(), (int) (end - shard.next()), _ -> true));
    }

    private void expireAll() throws Exception {
        try (var admin = Clients.admin(KafkaAccess.of(servers))) {
            var all = RecordsToDelete.beforeOffset(log.end(TopicNames.PLAIN.commands()));
            admin.deleteRecords(Map.of(new TopicPartition(TopicNames.PLAIN.commands(), 0), all)).all().get();
        }
    }

    private void announce(EdgeRef announced) throws Exception {
        log.append(TopicNames.PLAIN.edges(), 0, announced.edge(),
                LogCodec.heartbeat(new EdgeHeartbeat(announced, "127.0.0.1:8080", 1)));
    }

    private static boolean isFor(EdgeRef edge, ConsumerRecord<byte[], byte[]> record) {
        return new String(record.key(), UTF_8).equals(edge.edge());
    }

    private static long field(String name, ConsumerRecord<byte[], byte[]> event) {
        return Long.parseLong(new String(event.value(), UTF_8).replaceAll(".*\"" + name + "\":(\\d+).*", "$1"));
    }

    private boolean isOfRoom(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.key(), UTF_8).equals(room.key());
    }

    private Command post(String id) {
        return new Command.Post(room, new UserId("default", "ann"), new ConnectionId("c"), edge, id,
                Content.text("hi"));
    }
}
