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
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.contracts.log.RouterBeat;
import io.rejoin.router.core.RedeliverySchedule;
import io.rejoin.router.core.Shard;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.ShardPushes;
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
class ShardDutiesTest {
    private static final EdgeRef EDGE = new EdgeRef("edge", 1, 0);
    private static final UserId ANN = new UserId("default", "ann");
    private static final ConnectionId CONNECTION = new ConnectionId("c");
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final RoomId OLD = new RoomId("default", "old");
    private static final RoomId BOBS = RoomId.personal(new UserId("default", "bob"));
    private static final Duration MONTH = Duration.ofDays(30);
    private static final long BEGUN = 1_750_000_000_000L;
    /** More beats than the limit for a silent edge. */
    private static final int BEATS = 25;

    private final LogClock clock = new LogClock();
    private final MockProducer<byte[], byte[]> signs = new MockProducer<>(false, null, new ByteArraySerializer(),
            new ByteArraySerializer());
    private final EdgeWatch watch = new EdgeWatch(new MockConsumer<>("none"), producer(), TopicNames.PLAIN, clock,
            new Peers(), "1", "127.0.0.1:1", System::nanoTime);
    private final ShardDuties duties = new ShardDuties(watch, clock, new RedeliverySchedule(Duration.ofSeconds(5)),
            MONTH,
            signs, TopicNames.PLAIN.commands(), new Inlets());
    private final OwnedShard shard = shard();
    private long now = BEGUN + 2 * MONTH.toMillis();

    @BeforeEach
    void begin() {
        var begun = record(0,
                new Command.Join(LOBBY, ANN, CONNECTION, EDGE, 1),
                new Command.Post(OLD, ANN, CONNECTION, EDGE, null, Content.text("long ago"), null, null),
                new Command.Post(BOBS, ANN, CONNECTION, EDGE, null, Content.text("hello"), 1_000L, null));
        var _ = signs.send(new ProducerRecord<>(begun.topic(), begun.partition(), begun.key(), begun.value()));
        signs.completeNext();
        shard.take(List.of(begun));
        assertThat(watch.isSilent(EDGE)).isFalse();
        for (var beat = 0; beat < BEATS; beat++) watch.take(beat());
    }

    @AfterEach
    void end() {
        shard.abandon();
    }

    @Test
    void whatItFindsIsSaidOnceUntilItIsReadBack() {
        look();
        assertThat(said()).containsExactlyInAnyOrder(new Command.EdgeLost("edge", 1),
                new Command.Expire(BOBS, BEGUN, 1), new Command.Forget(OLD, BEGUN, 1, MONTH.toMillis()));
        look(); // the commands are in flight
        for (var n = 0; n < 3; n++) signs.completeNext();
        look(); // the commands are in the log
        assertThat(said()).hasSize(3);
    }

    @Test
    void whatGotLostIsSaidAgain() {
        look();
        for (var n = 0; n < 3; n++) signs.errorNext(new TimeoutException("Kafka is away"));
        look();
        assertThat(said()).hasSize(6);
        while (signs.completeNext()) assertThat(signs.closed()).isFalse();
        look();
        assertThat(said()).hasSize(6);

        shard.take(List.of(record(6, new Command.Leave(LOBBY, new ConnectionId("other"), EDGE))));
        look(); // the shard has read past their offsets without these commands
        assertThat(said()).hasSize(9);
    }

    /** Runs the checks a minute later. */
    private void look() {
        now += Duration.ofMinutes(1).toMillis();
        clock.read(new ConsumerRecord<>("any", 0, 0, now, TimestampType.LOG_APPEND_TIME, 0, 0, null, null,
                new RecordHeaders(), Optional.empty()));
        duties.look(0, shard);
    }

    private List<Command> said() {
        return signs.history().stream().skip(1).map(ProducerRecord::value).flatMap(value -> commands(value).stream())
                .toList();
    }

    private static List<Command> commands(byte[] value) {
        try {
            return LogCodec.commands(value);
        } catch (MalformedRecordException e) {
            throw new AssertionError(e);
        }
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, Command... commands) {
        return new ConsumerRecord<>(TopicNames.PLAIN.commands(), 0, offset, BEGUN, TimestampType.LOG_APPEND_TIME, 0, 0,
                new byte[0], LogCodec.commands(LogCodec.COMMANDS_VERSION, List.of(commands)), new RecordHeaders(),
                Optional.empty());
    }

    private static ConsumerRecord<byte[], byte[]> beat() {
        return new ConsumerRecord<>(TopicNames.PLAIN.edges(), 0, 0, RouterBeat.key("1").getBytes(UTF_8), null);
    }

    private static OwnedShard shard() {
        var inFlight = new InFlight(1_000_000);
        var pushes = new ShardPushes(0, List.of(), inFlight::each);
        var emitter = new Emitter(new OutputProducer(ShardDutiesTest::producer), TopicNames.PLAIN, 0, pushes, inFlight,
                new RouterMeters(new SimpleMeterRegistry()));
        return new OwnedShard(0, new StateTopic.Restored(new Shard(0), 0, 0, null), CommandReader.of(1), emitter,
                new EdgeStreams(), pushes, new CheckpointWriter(producer(), TopicNames.PLAIN.state(), 0),
                Tracing.off());
    }

    private static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
