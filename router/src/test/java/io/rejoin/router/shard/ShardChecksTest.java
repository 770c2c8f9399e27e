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
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.contracts.log.RouterBeat;
import io.rejoin.router.checkpoint.CheckpointWriter;
import io.rejoin.router.checkpoint.StateTopic;
import io.rejoin.router.core.RedeliverySchedule;
import io.rejoin.router.core.Shard;
import io.rejoin.router.kafka.InFlightLimits;
import io.rejoin.router.kafka.OutputProducer;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.Inlets;
import io.rejoin.router.link.ShardPushes;
import io.rejoin.router.liveness.EdgeWatch;
import io.rejoin.router.liveness.LogClock;
import io.rejoin.router.liveness.Peers;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A shard with a silent edge, a message that was not confirmed in time, and an unused room. */
class ShardChecksTest {
    private static final EdgeRef EDGE = new EdgeRef("edge", 1, 0);
    private static final UserId ANN = new UserId("default", "ann");
    private static final ConnectionId CONNECTION = new ConnectionId("c");
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final RoomId OLD = new RoomId("default", "old");
    private static final RoomId BOBS = RoomId.personal(new UserId("default", "bob"));
    private static final Duration MONTH = Duration.ofDays(30);
    private static final long START_TS = 1_750_000_000_000L;
    /** More beats than the limit for a silent edge. */
    private static final int SILENT_BEATS = 25;

    private final LogClock clock = new LogClock();
    private final MockProducer<byte[], byte[]> controlProducer = new MockProducer<>(false, null,
            new ByteArraySerializer(), new ByteArraySerializer());
    private final EdgeWatch watch = new EdgeWatch(new MockConsumer<>("none"), producer(), TopicNames.PLAIN, clock,
            new Peers(), "1", "127.0.0.1:1", System::nanoTime);
    private final ShardChecks checks = new ShardChecks(watch, clock, new RedeliverySchedule(Duration.ofSeconds(5)),
            MONTH,
            controlProducer, TopicNames.PLAIN.commands(), new Inlets());
    private final OwnedShard shard = shard();
    private long now = START_TS + 2 * MONTH.toMillis();

    @BeforeEach
    void setUp() {
        var firstRecord = record(0,
                new Command.Join(LOBBY, ANN, CONNECTION, EDGE, 1),
                new Command.Post(OLD, ANN, CONNECTION, EDGE, null, Content.text("long ago"), null, null),
                new Command.Post(BOBS, ANN, CONNECTION, EDGE, null, Content.text("hello"), 1_000L, null));
        var _ = controlProducer.send(new ProducerRecord<>(firstRecord.topic(), firstRecord.partition(),
                firstRecord.key(), firstRecord.value()));
        controlProducer.completeNext();
        shard.process(List.of(firstRecord));
        assertThat(watch.checkSilent(EDGE)).isFalse();
        for (var beat = 0; beat < SILENT_BEATS; beat++) watch.process(beat());
    }

    @AfterEach
    void tearDown() {
        shard.abandon();
    }

    @Test
    void aCommandIsAppendedOnceUntilItIsReadBack() {
        runChecks();
        assertThat(appendedCommands()).containsExactlyInAnyOrder(new Command.EdgeLost("edge", 1),
                new Command.Expire(BOBS, START_TS, 1), new Command.Forget(OLD, START_TS, 1, MONTH.toMillis()));
        runChecks(); // the commands are in flight
        for (var n = 0; n < 3; n++) controlProducer.completeNext();
        runChecks(); // the commands are in the log
        assertThat(appendedCommands()).hasSize(3);
    }

    @Test
    void aLostCommandIsAppendedAgain() {
        runChecks();
        for (var n = 0; n < 3; n++) controlProducer.errorNext(new TimeoutException("Kafka is away"));
        runChecks();
        assertThat(appendedCommands()).hasSize(6);
        while (controlProducer.completeNext()) assertThat(controlProducer.closed()).isFalse();
        runChecks();
        assertThat(appendedCommands()).hasSize(6);

        shard.process(List.of(record(6, new Command.Leave(LOBBY, new ConnectionId("other"), EDGE))));
        runChecks(); // the shard has read past their offsets without these commands
        assertThat(appendedCommands()).hasSize(9);
    }

    /** Runs the checks a minute later. */
    private void runChecks() {
        now += Duration.ofMinutes(1).toMillis();
        clock.update(new ConsumerRecord<>("any", 0, 0, now, TimestampType.LOG_APPEND_TIME, 0, 0, null, null,
                new RecordHeaders(), Optional.empty()));
        checks.run(0, shard);
    }

    private List<Command> appendedCommands() {
        return controlProducer.history().stream().skip(1).map(ProducerRecord::value)
                .flatMap(value -> commands(value).stream()).toList();
    }

    private static List<Command> commands(byte[] value) {
        try {
            return LogCodec.commands(value);
        } catch (MalformedRecordException e) {
            throw new AssertionError(e);
        }
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, Command... commands) {
        return new ConsumerRecord<>(TopicNames.PLAIN.commands(), 0, offset, START_TS, TimestampType.LOG_APPEND_TIME, 0,
                0, new byte[0], LogCodec.commands(LogCodec.COMMANDS_VERSION, List.of(commands)), new RecordHeaders(),
                Optional.empty());
    }

    private static ConsumerRecord<byte[], byte[]> beat() {
        return new ConsumerRecord<>(TopicNames.PLAIN.edges(), 0, 0, RouterBeat.key("1").getBytes(UTF_8), null);
    }

    private static OwnedShard shard() {
        var inFlightLimits = new InFlightLimits(1_000_000);
        var pushes = new ShardPushes(0, List.of(), inFlightLimits::bytesPerShard);
        var emitter = new Emitter(new OutputProducer(ShardChecksTest::producer), TopicNames.PLAIN, 0, pushes,
                inFlightLimits, new RouterMeters(new SimpleMeterRegistry()));
        return new OwnedShard(0, new StateTopic.Restored(new Shard(0), 0, null), CommandReader.of(1), emitter,
                new EdgeStreams(), pushes, new CheckpointWriter(producer(), TopicNames.PLAIN.state(), 0),
                Tracing.off());
    }

    private static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
