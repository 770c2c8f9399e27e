package io.rejoin.router.shard;

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
import io.rejoin.router.kafka.InFlightLimits;
import io.rejoin.router.kafka.KafkaClients;
import io.rejoin.router.kafka.OutputProducer;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.FakeStream;
import io.rejoin.router.liveness.RecentEdges;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.router.topics.TopicSetup;
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
    private final OutputProducer outputs = new OutputProducer(() -> log.clients().outputProducer(new InFlightLimits()));
    private final EdgeStreams streams = new EdgeStreams();
    private final RoomId room = new RoomId("default", "room-" + UUID.randomUUID());
    private final EdgeRef edge = new EdgeRef("edge-" + UUID.randomUUID(), 1, 0);
    private final EdgeRef unknown = new EdgeRef("edge-" + UUID.randomUUID(), 1, 0);

    @Test
    void roomsBeginANewEpochAndTheirMembersJoinAgain() throws Exception {
        new TopicSetup(TestLog.config(servers)).ensure();
        var events = log.end(TopicNames.PLAIN.events());
        log.append(new Command.Join(room, new UserId("default", "ann"), new ConnectionId("c"), edge, 1), post("a"));
        var first = takeOver();
        processAll(first);
        first.release();
        var epoch = field("epoch", log.read(TopicNames.PLAIN.events(), events, 2, this::isOfRoom).getLast());
        log.append(post("never taken"));
        sendHeartbeat(unknown); // its members' joins expire now, so no state holds them
        expireAll();
        var kept = log.append(post("b"), post("a"));

        takeOver().abandon(); // the takeover itself does all of it, before a command is taken
        var second = takeOver();

        assertThat(second.nextOffset()).isEqualTo(kept);
        assertThat(second.edges()).doesNotContain(edge);
        for (var each : List.of(edge, unknown)) {
            var lost = log.read(TopicNames.PLAIN.commands(), kept, 1, command -> isFor(each, command)).getFirst();
            assertThat(LogCodec.commands(lost.value())).containsExactly(new Command.EdgeLost(each.edge(), 1));
        }
        processAll(second);
        for (var each : List.of(edge, unknown)) {
            var stream = new FakeStream(each);
            streams.onOpened(stream);
            second.notifyIfGivenUp(each);
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
                new RecentEdges(log.clients()),
                new InFlightLimits(),
                new RouterMeters(new SimpleMeterRegistry()), Tracing.off())
                .run();
    }

    private void processAll(OwnedShard shard) {
        var end = log.end(TopicNames.PLAIN.commands());
        shard.process(log.read(TopicNames.PLAIN.commands(), shard.nextOffset(), (int) (end - shard.nextOffset()),
                _ -> true));
    }

    private void expireAll() throws Exception {
        try (var admin = KafkaClients.admin(KafkaAccess.of(servers))) {
            var all = RecordsToDelete.beforeOffset(log.end(TopicNames.PLAIN.commands()));
            admin.deleteRecords(Map.of(new TopicPartition(TopicNames.PLAIN.commands(), 0), all)).all().get();
        }
    }

    private void sendHeartbeat(EdgeRef edge) throws Exception {
        log.append(TopicNames.PLAIN.edges(), 0, edge.edge(),
                LogCodec.heartbeat(new EdgeHeartbeat(edge, "127.0.0.1:8080", 1)));
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
