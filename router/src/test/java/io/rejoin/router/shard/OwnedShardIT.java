package io.rejoin.router.shard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.router.kafka.InFlightLimits;
import io.rejoin.router.kafka.OutputProducer;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.liveness.RecentEdges;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.router.topics.TopicSetup;
import io.rejoin.servers.Servers;
import io.rejoin.tracing.Tracing;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A shard changes its owner, on a real log. */
class OwnedShardIT {
    private static final EdgeRef EDGE = new EdgeRef("edge", 1, 0);
    private static final UserId ANN = new UserId("default", "ann");

    private final TestLog log = new TestLog(Servers.broker().bootstrapServers());
    private final OutputProducer outputs = new OutputProducer(() -> log.clients().outputProducer(new InFlightLimits()));
    private final EdgeStreams streams = new EdgeStreams();
    private final RoomId room = new RoomId("default", "room-" + UUID.randomUUID());

    @BeforeEach
    void topics() throws Exception {
        new TopicSetup(TestLog.config(Servers.broker().bootstrapServers())).ensure();
    }

    @Test
    void outputsWithoutACheckpointAreEmittedAgainWithTheSameIds() throws Exception {
        var events = log.end(TopicNames.PLAIN.events());
        log.append(post("a"), post("b"));
        var first = takeOver();
        processAll(first);
        var ids = ids(events, 2);
        first.abandon();

        var second = takeOver();
        processAll(second);

        var all = ids(events, 4);
        assertThat(all.subList(2, 4)).isEqualTo(ids).isEqualTo(all.subList(0, 2));
        second.release();
    }

    @Test
    void theNextOwnerContinuesAtTheCheckpoint() throws Exception {
        log.append(post("a"));
        var first = takeOver();
        processAll(first);
        first.release();
        assertThat(first.failure()).isNotNull(); // given up
        assertThat(first.checkpointOffset()).isEqualTo(first.nextOffset());

        var events = log.end(TopicNames.PLAIN.events());
        log.append(post("a"), post("b"));
        var second = takeOver();
        assertThat(second.nextOffset()).isEqualTo(first.nextOffset());
        processAll(second);

        var newEvents = log.read(TopicNames.PLAIN.events(), events, 1, this::isOfRoom);
        assertThat(new String(newEvents.getFirst().value(), UTF_8)).contains("\"seq\":2").contains("\"id\":\"b\"");
        second.release();
    }

    @Test
    void aZombieFailsAtItsNextCheckpoint() throws Exception {
        var zombie = takeOver();
        var owner = takeOver();
        log.append(post("a"));
        processAll(zombie);
        processAll(owner);

        await().atMost(TestLog.TIMEOUT).until(() -> {
            zombie.checkpointIfDue();
            return zombie.failure() != null;
        });
        await().atMost(TestLog.TIMEOUT).until(() -> {
            owner.checkpointIfDue();
            return owner.checkpointOffset() == owner.nextOffset();
        });
        assertThat(owner.failure()).isNull();
        zombie.abandon();
        owner.release();
    }

    @Test
    void anUnreadableRecordBecomesADeadLetter() throws Exception {
        var letters = log.end(TopicNames.PLAIN.deadLetters());
        var events = log.end(TopicNames.PLAIN.events());
        var poison = log.append(TopicNames.PLAIN.commands(), "{\"v\":1,".getBytes(UTF_8));
        log.append(post("after"));
        var shard = takeOver();
        processAll(shard);

        assertThat(log.read(TopicNames.PLAIN.events(), events, 1, this::isOfRoom)).hasSize(1);
        var letter = log.read(TopicNames.PLAIN.deadLetters(), letters, 1, _ -> true).getFirst();
        assertThat(new String(letter.value(), UTF_8)).isEqualTo("{\"v\":1,");
        assertThat(TestLog.header(letter, Topics.DEAD_LETTER_FROM)).isEqualTo("rejoin.commands-0@" + poison);
        assertThat(TestLog.header(letter, Topics.DEAD_LETTER_REASON)).isNotBlank();
        shard.release();
    }

    @Test
    void aRecordThatIsTooLargeBecomesAnEmptyDeadLetter() throws Exception {
        var letters = log.end(TopicNames.PLAIN.deadLetters());
        var events = log.end(TopicNames.PLAIN.events());
        var noise = log.appendCompressed(new byte[3_000_000]); // compressed it is far below the broker's limit
        var large = log.appendCompressed(LogCodec.commands(List.of(post("large", "x".repeat(1_100_000)))));
        log.append(post("after"));
        var shard = takeOver();
        processAll(shard);

        assertThat(log.read(TopicNames.PLAIN.events(), events, 1, this::isOfRoom)).hasSize(1);
        assertThat(log.read(TopicNames.PLAIN.deadLetters(), letters, 2, _ -> true)).hasSize(2)
                .allSatisfy(letter -> assertThat(letter.value()).isEmpty())
                .extracting(letter -> TestLog.header(letter, Topics.DEAD_LETTER_FROM))
                .containsExactly("rejoin.commands-0@" + noise, "rejoin.commands-0@" + large);
        assertThat(shard.failure()).isNull();
        shard.release();
    }

    @Test
    void aCommandTooLargeOrTooDeepAsJsonBecomesADeadLetter() throws Exception {
        var letters = log.end(TopicNames.PLAIN.deadLetters());
        var events = log.end(TopicNames.PLAIN.events());
        var longer = log.append(TopicNames.PLAIN.commands(), raw("\"a\"", "[" + "1e9,".repeat(246_000) + "0]"));
        var deep = log.append(TopicNames.PLAIN.commands(), raw("\"b\"", "[".repeat(120) + "]".repeat(120)));
        log.append(TopicNames.PLAIN.commands(), raw("\"d\"", "[".repeat(64) + "]".repeat(64)));
        var shard = takeOver();
        processAll(shard);

        var event = log.read(TopicNames.PLAIN.events(), events, 1, this::isOfRoom).getFirst();
        assertThat(new String(event.value(), UTF_8)).contains("\"seq\":1,").contains("\"id\":\"d\"");
        assertThat(log.read(TopicNames.PLAIN.deadLetters(), letters, 2, _ -> true))
                .extracting(letter -> TestLog.header(letter, Topics.DEAD_LETTER_FROM))
                .isEqualTo(List.of("rejoin.commands-0@" + longer, "rejoin.commands-0@" + deep));
        assertThat(shard.failure()).isNull();
        shard.release();
    }

    @Test
    void aCommandOfAnUnknownEdgeDoesNotStopTheShard() throws Exception {
        var events = log.end(TopicNames.PLAIN.events());
        log.append(new Command.Join(room, ANN, new ConnectionId("c"), new EdgeRef("nowhere", 1, 999), 1),
                post("after"));
        var shard = takeOver();
        processAll(shard);

        assertThat(log.read(TopicNames.PLAIN.events(), events, 2, this::isOfRoom)).hasSize(2);
        assertThat(shard.failure()).isNull();
        shard.release();
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

    private List<String> ids(long from, int count) {
        return log.read(TopicNames.PLAIN.events(), from, count, this::isOfRoom).stream()
                .map(record -> TestLog.header(record, EventCodec.ID)).toList();
    }

    private boolean isOfRoom(org.apache.kafka.clients.consumer.ConsumerRecord<byte[], byte[]> record) {
        return new String(record.key(), UTF_8).equals(room.key());
    }

    /** A post in a form that no edge writes. */
    private byte[] raw(String id, String data) {
        return ("{\"v\":1,\"commands\":[{\"type\":\"post\",\"room\":\"" + room.key() + "\",\"user\":\"default/ann\","
                + "\"connection\":\"c\",\"edge\":{\"edge\":\"edge\",\"incarnation\":1,\"partition\":0},\"id\":" + id
                + ",\"content\":{\"data\":" + data + "}}]}").getBytes(UTF_8);
    }

    private Command post(String id) {
        return post(id, "hi");
    }

    private Command post(String id, String text) {
        return new Command.Post(room, ANN, new ConnectionId("c"), EDGE, id, Content.text(text));
    }
}
