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
import io.rejoin.contracts.log.CommandRecord;
import io.rejoin.contracts.log.CommandRecord.Item;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.router.checkpoint.CheckpointWriter;
import io.rejoin.router.checkpoint.StateTopic;
import io.rejoin.router.core.Shard;
import io.rejoin.router.kafka.InFlightLimits;
import io.rejoin.router.kafka.OutputProducer;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.ShardPushes;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.tracing.BrokenTraces;
import io.rejoin.tracing.RecordedTraces;
import io.rejoin.tracing.TraceHeaders;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class OwnedShardTest {
    /** Content that cannot be encoded. */
    @SuppressWarnings("NullAway") // null, which only a bug could produce
    private static final Content UNENCODABLE = null;

    private final MockProducer<byte[], byte[]> outputs = producer();
    private final MockProducer<byte[], byte[]> checkpoints = producer();
    private final OwnedShard shard = owned(this::read, outputs, checkpoints, Tracing.off());

    @Test
    void afterAFailedCheckpointThereIsNoOther() {
        checkpoints.beginTransactionException = new TimeoutException("Kafka is away");
        shard.process(List.of(post(0, "a")));
        await().atMost(TestLog.TIMEOUT).until(() -> {
            shard.checkpointIfDue();
            return shard.failure() != null;
        });

        checkpoints.beginTransactionException = null;
        shard.process(List.of(post(1, "b")));

        // the next checkpoint would be due within that time
        await().during(Duration.ofSeconds(2)).atMost(TestLog.TIMEOUT).until(() -> {
            shard.checkpointIfDue();
            return checkpoints.commitCount() == 0;
        });
        shard.release();
        assertThat(checkpoints.commitCount()).isZero();
        assertThat(shard.checkpointOffset()).isZero();
    }

    @Test
    void aFailingRecordPreventsAllOutputsOfItsBatch() {
        shard.process(List.of(post(0, "a"), post(1, "poison"), post(2, "b")));
        assertThat(shard.failure()).isInstanceOfSatisfying(PoisonException.class, poison -> {
            assertThat(poison.firstOffset()).isEqualTo(1);
            assertThat(poison.lastOffset()).isEqualTo(1);
        });
        assertThat(outputs.history()).isEmpty();
        shard.abandon();
    }

    @Test
    void onlyTheFailingCommandsAreSkipped() {
        var record = record("\"a\"", "\"trap\"", "\"b\"", "\"trap\"", "\"c\"");
        var first = owned(OwnedShardTest::withTraps, producer());
        first.processOneByOne(record, Set.of());
        assertThat(first.failure()).isInstanceOfSatisfying(PoisonException.class,
                poison -> assertThat(poison.index()).isEqualTo(1));
        first.abandon();

        var second = owned(OwnedShardTest::withTraps, outputs);
        second.processOneByOne(record, Set.of(1, 3));

        assertThat(second.failure()).isNull();
        assertThat(second.nextOffset()).isEqualTo(1);
        assertThat(sent(TopicNames.PLAIN.events())).extracting(event -> header(event, EventCodec.ID)).containsExactly(
                "0:0:0",
                "0:0:1", "0:0:2");
        assertThat(sent(TopicNames.PLAIN.deadLetters())).extracting(letter -> header(letter, Topics.DEAD_LETTER_INDEX))
                .containsExactly("1", "3");
        assertThat(sent(TopicNames.PLAIN.deadLetters())).extracting(letter -> header(letter, Topics.DEAD_LETTER_REASON))
                .containsOnly("made the router fail 3 times");
        second.abandon();
        shard.abandon();
    }

    @Test
    void anUnusableCommandDoesNotChangeTheOthersOutputs() {
        shard.process(List.of(record("\"a\"", "\"b\"")));
        var expected = sent(TopicNames.PLAIN.events()).stream().map(OwnedShardTest::text).toList();
        outputs.clear();
        var other = owned(CommandReader.of(1), outputs);
        var mixed = new String(record("\"a\"", "\"b\"").value(), UTF_8).replace("[{", "[null,{").replace("},{\"type\"",
                "},{\"type\":\"dance\"},{\"type\"");

        other.process(
                List.of(new ConsumerRecord<>(TopicNames.PLAIN.commands(), 0, 0, new byte[0], mixed.getBytes(UTF_8))));

        assertThat(sent(TopicNames.PLAIN.events())).extracting(OwnedShardTest::text).isEqualTo(expected);
        assertThat(sent(TopicNames.PLAIN.deadLetters()))
                .extracting(letter -> header(letter, Topics.DEAD_LETTER_INDEX) + new String(letter.value(), UTF_8))
                .containsExactly("0{\"v\":1,\"commands\":[null]}", "2{\"v\":1,\"commands\":[{\"type\":\"dance\"}]}");
        other.abandon();
        shard.abandon();
    }

    @Test
    void tracingDoesNotChangeTheOutputs() {
        var record = record("\"a\"", "\"b\"", "\"c\"");
        shard.process(List.of(record));
        var expected = sent(TopicNames.PLAIN.events()).stream().map(OwnedShardTest::text).toList();
        outputs.clear();
        var traces = new RecordedTraces();
        var post = traces.tracing().begin("post");
        TraceHeaders.put(record.headers(), Map.of(1, post));
        var other = owned(CommandReader.of(1), outputs, traces.tracing());

        other.process(List.of(record));

        var events = sent(TopicNames.PLAIN.events());
        assertThat(events).extracting(OwnedShardTest::text).isEqualTo(expected);
        assertThat(events).extracting(event -> TraceHeaders.of(event.headers()) != null)
                .containsExactly(false, true, false);
        assertThat(TraceHeaders.of(events.get(1).headers())).contains(String.valueOf(post.context()).substring(3, 35));
        assertThat(traces.ended()).contains("process rejoin.commands", "send rejoin.events");
        other.abandon();
        shard.abandon();
    }

    @Test
    void failingTracingDoesNotChangeTheOutputs() {
        var record = record("\"a\"", "\"b\"", "\"c\"");
        shard.process(List.of(record));
        var expected = sent(TopicNames.PLAIN.events()).stream().map(OwnedShardTest::text).toList();
        TraceHeaders.put(record.headers(), Map.of(1, BrokenTraces.inEveryStep().begin("post")));
        for (var broken : List.of(BrokenTraces.inEveryStep(), BrokenTraces.fromTheBeginning())) {
            var others = producer();
            var other = owned(CommandReader.of(1), others, broken);
            other.process(List.of(record));

            assertThat(other.failure()).isNull();
            assertThat(sent(others, TopicNames.PLAIN.events())).extracting(OwnedShardTest::text).isEqualTo(expected);
            other.abandon();
        }
        shard.abandon();
    }

    /** Simulates a bug: the content of some commands cannot be encoded. */
    private static CommandRecord withTraps(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException {
        var read = LogCodec.commandRecord(record.value());
        return new CommandRecord(read.v(),
                read.items().stream()
                        .map(item -> item instanceof Item.Usable(Command.Post post)
                                && "trap".equals(post.content().text()) ? new Item.Usable(unwritable(post)) : item)
                        .toList());
    }

    private static Command unwritable(Command.Post post) {
        return new Command.Post(post.room(), post.user(), post.connection(), post.edge(), post.id(),
                UNENCODABLE);
    }

    private static OwnedShard owned(CommandReader reader, MockProducer<byte[], byte[]> outputs) {
        return owned(reader, outputs, Tracing.off());
    }

    private static OwnedShard owned(CommandReader reader, MockProducer<byte[], byte[]> outputs, Tracing tracing) {
        return owned(reader, outputs, producer(), tracing);
    }

    private static OwnedShard owned(CommandReader reader, MockProducer<byte[], byte[]> outputs,
            MockProducer<byte[], byte[]> checkpoints, Tracing tracing) {
        var pushes = new ShardPushes(0, List.of(), () -> 1_000_000);
        var emitter = new Emitter(new OutputProducer(() -> outputs), TopicNames.PLAIN, 0, pushes, new InFlightLimits(),
                new RouterMeters(new SimpleMeterRegistry()));
        return new OwnedShard(0, new StateTopic.Restored(new Shard(0), 0, null), reader, emitter, new EdgeStreams(),
                pushes, new CheckpointWriter(checkpoints, TopicNames.PLAIN.state(), 0), tracing);
    }

    private List<ProducerRecord<byte[], byte[]>> sent(String topic) {
        return sent(outputs, topic);
    }

    private static List<ProducerRecord<byte[], byte[]>> sent(MockProducer<byte[], byte[]> outputs, String topic) {
        return outputs.history().stream().filter(record -> record.topic().equals(topic)).toList();
    }

    private static String text(ProducerRecord<byte[], byte[]> record) {
        return header(record, EventCodec.ID) + new String(record.value(), UTF_8);
    }

    private static String header(ProducerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    /** A record of posts with these texts, given as JSON. */
    private static ConsumerRecord<byte[], byte[]> record(String... texts) {
        var posts = Stream.of(texts).map(text -> """
                {"type":"post","room":"default/r","user":"default/ann","connection":"c",\
                "edge":{"edge":"edge","incarnation":1,"partition":0},"content":{"text":%s}}""".formatted(text));
        var value = "{\"v\":1,\"commands\":[" + posts.collect(Collectors.joining(",")) + "]}";
        return new ConsumerRecord<>(TopicNames.PLAIN.commands(), 0, 0, new byte[0], value.getBytes(UTF_8));
    }

    private CommandRecord read(ConsumerRecord<byte[], byte[]> record)
            throws MalformedRecordException {
        if (new String(record.value(), UTF_8).contains("poison")) throw new IllegalStateException("a bug");
        return CommandReader.of(1).read(record);
    }

    private static ConsumerRecord<byte[], byte[]> post(long offset, String text) {
        var post = new Command.Post(new RoomId("default", "r"), new UserId("default", "ann"), new ConnectionId("c"),
                new EdgeRef("edge", 1, 0), null, Content.text(text));
        return new ConsumerRecord<>(TopicNames.PLAIN.commands(), 0, offset, new byte[0],
                LogCodec.commands(List.of(post)));
    }

    private static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
