package io.rejoin.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.EventSchemas;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.link.Frame;
import io.rejoin.metrics.Scraped;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.servers.Servers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A whole router on a real broker; the test plays the edge. */
class RouterIT {
    private static final UserId ANN = new UserId("default", "ann");
    private static final ConnectionId CONNECTION = new ConnectionId("c");

    private final String servers = Servers.broker().bootstrapServers();
    private final TestLog log = new TestLog(servers);
    private final RoomId room = new RoomId("default", "room-" + UUID.randomUUID());
    private final EdgeRef edge = new EdgeRef("edge-" + UUID.randomUUID(), 1, 0);
    private final AtomicReference<Throwable> fatal = new AtomicReference<>();
    private Router router;

    @BeforeEach
    void start() throws Exception {
        router = Router.start(TestLog.config(servers), fatal::set);
    }

    @AfterEach
    void stop() {
        router.close();
        assertThat(fatal.get()).isNull();
    }

    @Test
    void everyEventMatchesItsPublishedSchema() throws Exception {
        var from = log.end(TopicNames.PLAIN.events());
        log.append(join(), post("1", Content.text("hi")), post("2", Content.text("hi\u0000\uD83D\uDE00")),
                new Command.Leave(room, CONNECTION, edge));

        var events = log.read(TopicNames.PLAIN.events(), from, 4, this::isOfRoom);

        assertThat(events).extracting(event -> TestLog.header(event, EventCodec.TYPE)).containsExactly(
                "io.rejoin.member.joined.v1", "io.rejoin.message.posted.v1", "io.rejoin.message.posted.v1",
                "io.rejoin.member.left.v1");
        for (var event : events) {
            assertThat(EventSchemas.problems(TestLog.header(event, EventCodec.TYPE), event.value())).isEmpty();
        }
    }

    @Test
    void aRouterCountsItsWork() throws Exception {
        await().atMost(TestLog.TIMEOUT).untilAsserted(() -> {
            var now = Scraped.from(router.port());
            assertThat(now.sum("rejoin_router_shards", "state=\"running\"")).isEqualTo(1);
            assertThat(now.sum("rejoin_router_takeover_seconds_count")).isEqualTo(1);
            assertThat(now.samples()).containsEntry("rejoin_router_lag_records{partition=\"0\",service=\"router\"}",
                    0.0);
        });
        var before = Scraped.from(router.port());
        log.append(join(), post("1", Content.text("hi")), post("1", Content.text("hi")), post("2", Content.text("hi")));

        await().atMost(TestLog.TIMEOUT).untilAsserted(() -> {
            var now = Scraped.from(router.port());
            now.check("router");
            assertThat(increase(before, now, "commands", "type=\"post\"")).isEqualTo(3);
            assertThat(increase(before, now, "events", "type=\"message_posted\"")).isEqualTo(2);
            assertThat(increase(before, now, "deliveries", "type=\"acked\"")).isEqualTo(3);
            assertThat(increase(before, now, "duplicate_posts")).isEqualTo(1);
            assertThat(now.sum("rejoin_router_checkpoint_age_seconds")).isZero();
        });
    }

    private static double increase(Scraped before, Scraped now, String what, String... labels) {
        var name = "rejoin_router_" + what + "_total";
        return now.sum(name, labels) - before.sum(name, labels);
    }

    /** The edge has not received the first router's last delivery. */
    @Test
    void anEdgeContinuesWithTheNextRouter() throws Exception {
        log.append(join(), post("1", Content.text("hi")));
        Frame.Positions positions;
        try (var linked = TestEdge.open(router, edge)) {
            linked.await(Delivery.Acked.class);
            positions = linked.positionsFrame();
            linked.send(positions);
            log.append(post("2", Content.text("hi")));
            linked.await(Delivery.Acked.class); // and the edge does not receive it
        }
        router.close();
        router = Router.start(TestLog.config(servers), fatal::set);

        try (var linked = TestEdge.open(router, edge, positions.positions())) {
            var begin = linked.awaitBegin();
            var last = positions.positions().getFirst();
            assertThat(begin.incarnation()).isEqualTo(edge.incarnation());
            var after = Objects.requireNonNull(begin.after(), "the shard's state knows what it was sent");
            if (!after.isBeyond(last)) // otherwise the edge detects that it missed a delivery
                assertThat(linked.await(Delivery.Acked.class).id()).isEqualTo("2");
        }
    }

    @Test
    void anEdgeGetsTheDeliveriesOfItsCommandsInOrder() throws Exception {
        try (var linked = TestEdge.open(router, edge)) {
            log.append(join(), post("1", Content.text("hi")), post("2", Content.text("ho")));
            linked.await(Delivery.Joined.class);
            assertThat(linked.await(Delivery.Message.class).seq()).isEqualTo(1);
            assertThat(linked.await(Delivery.Acked.class).seq()).isEqualTo(1);
            assertThat(linked.await(Delivery.Message.class).seq()).isEqualTo(2);
            assertThat(linked.await(Delivery.Acked.class).seq()).isEqualTo(2);
        }
    }

    /** Some records are announced late, twice, or never; the router fetches them. */
    @Test
    void announcedRecordsAreProcessedInLogOrder() throws Exception {
        try (var linked = TestEdge.open(router, edge, List.of(), log.commandsId());
                var foreign = TestEdge.open(router, new EdgeRef("edge-" + UUID.randomUUID(), 1, 0), List.of(),
                        "other")) {
            log.append(join());
            linked.await(Delivery.Joined.class);
            for (var n = 1; n <= 30; n += 3) {
                var first = log.appendAndGetFrame(post("" + n, Content.text("hi")));
                var second = log.appendAndGetFrame(post("" + (n + 1), Content.text("hi")));
                var third = log.appendAndGetFrame(post("" + (n + 2), Content.text("hi")));
                foreign.send(
                        new Frame.Appended(0, third.offset() + 1, third.ts(), third.key(), third.value(), Map.of()));
                linked.send(third);
                linked.send(second);
                if (n % 2 == 0) linked.send(first);
                linked.send(second);
                for (var seq = n; seq < n + 3; seq++) {
                    var acked = linked.await(Delivery.Acked.class);
                    assertThat(acked.seq()).isEqualTo(seq);
                    assertThat(acked.id()).isEqualTo("" + seq);
                }
            }
        }
    }

    /** Announced records reach the shard sooner than fetched ones. */
    @Test
    void announcedRecordsAreNotFetched() throws Exception {
        try (var linked = TestEdge.open(router, edge, List.of(), log.commandsId())) {
            log.append(join());
            linked.await(Delivery.Joined.class);
            var n = new AtomicInteger();
            await().atMost(TestLog.TIMEOUT).until(() -> {
                linked.send(log.appendAndGetFrame(post("" + n.incrementAndGet(), Content.text("hi"))));
                linked.await(Delivery.Acked.class);
                return Scraped.from(router.port()).sum("rejoin_router_told_records_total") > 0;
            });
        }
    }

    @Test
    void anotherRouterContinuesWhereOneStopped() throws Exception {
        var from = log.end(TopicNames.PLAIN.events());
        log.append(post("1", Content.text("hi")));
        log.read(TopicNames.PLAIN.events(), from, 1, this::isOfRoom);
        router.close();
        log.append(post("1", Content.text("hi")), post("2", Content.text("hi")));

        router = Router.start(TestLog.config(servers), fatal::set);

        var events = log.read(TopicNames.PLAIN.events(), from, 2, this::isOfRoom);
        assertThat(events).extracting(event -> new String(event.value(), UTF_8))
                .anyMatch(json -> json.contains("\"seq\":2"));
        assertThat(events).extracting(event -> TestLog.header(event, EventCodec.ID)).doesNotHaveDuplicates();
    }

    @Test
    void anEdgeWithHeartbeatsKeepsItsMembersAndASilentOneLosesThem() throws Exception {
        var from = log.end(TopicNames.PLAIN.events());
        log.append(join());
        for (var i = 0; i < 8; i++) {
            var beats = log.end(TopicNames.PLAIN.edges());
            log.append(TopicNames.PLAIN.edges(), LogCodec.heartbeat(new EdgeHeartbeat(edge, "localhost:1", 1)));
            // until beats of the router have passed
            log.read(TopicNames.PLAIN.edges(), beats, 4, record -> record.value() == null);
        }
        var lastHeartbeatEnd = log.end(TopicNames.PLAIN.events());
        assertThat(log.read(TopicNames.PLAIN.events(), from, 1, this::isOfRoom)).hasSize(1);

        var left = log.read(TopicNames.PLAIN.events(), from, 2, this::isOfRoom).getLast();

        assertThat(left.offset()).isGreaterThanOrEqualTo(lastHeartbeatEnd);
        assertThat(TestLog.header(left, EventCodec.TYPE)).isEqualTo("io.rejoin.member.left.v1");
    }

    @Test
    void anUnconfirmedMessageIsRedeliveredThroughATakeoverAndExpires() throws Exception {
        var events = log.end(TopicNames.PLAIN.events());
        var deadLettersFrom = log.end(TopicNames.PLAIN.deadLetters());
        log.append(join());
        // until the router has taken the shard over
        withHeartbeats(() -> log.read(TopicNames.PLAIN.events(), events, 1, this::isOfRoom));
        log.append(new Command.Post(room, new UserId("default", "ben"), CONNECTION, edge, "1", Content.text("hi"),
                20_000L));

        try (var linked = TestEdge.open(router, edge)) {
            withHeartbeats(() -> linked.await(Delivery.Redeliver.class));
        }
        router.close();
        router = Router.start(TestLog.config(servers), fatal::set);
        try (var linked = TestEdge.open(router, edge)) {
            withHeartbeats(() -> linked.await(Delivery.Redeliver.class));
        }

        var expired = log.read(TopicNames.PLAIN.events(), events, 1, event -> isOfRoom(event)
                && TestLog.header(event, EventCodec.TYPE).equals("io.rejoin.confirmation.expired.v1")).getFirst();
        assertThat(new String(expired.value(), UTF_8)).contains("\"recipients\":[\"default/ann\"]");
        var letter = log.read(TopicNames.PLAIN.deadLetters(), deadLettersFrom, 1, this::isOfRoom).getFirst();
        assertThat(letter.value()).isEqualTo(expired.value());
        assertThat(TestLog.header(letter, Topics.DEAD_LETTER_FROM)).startsWith(TopicNames.PLAIN.commands() + "-0@");
        assertThat(TestLog.header(letter, Topics.DEAD_LETTER_REASON)).isEqualTo("not acknowledged in time");
    }

    /** Sends the edge's heartbeats until the task is done. */
    private void withHeartbeats(Callable<?> awaited) throws Exception {
        var task = new FutureTask<>(awaited);
        Thread.ofVirtual().start(task);
        await().atMost(TestLog.TIMEOUT).pollInterval(Duration.ofMillis(500)).until(() -> {
            log.append(TopicNames.PLAIN.edges(), LogCodec.heartbeat(new EdgeHeartbeat(edge, "localhost:1", 1)));
            return task.isDone();
        });
        task.get();
    }

    private boolean isOfRoom(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.key(), UTF_8).equals(room.key());
    }

    private Command join() {
        return new Command.Join(room, ANN, CONNECTION, edge, 1);
    }

    private Command post(String id, Content content) {
        return new Command.Post(room, ANN, CONNECTION, edge, id, content);
    }
}
