package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.router.core.Output;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A partition of the deliveries that takes nothing holds up nobody but the edges behind it. */
class EmitterTest {
    private static final RoomId ROOM = new RoomId("default", "r");
    private static final UserId ANN = new UserId("default", "ann");
    private static final EdgeRef STUCK = new EdgeRef("stuck", 1, 0);
    private static final EdgeRef WELL = new EdgeRef("well", 1, 1);

    private final SlowProducer producer = new SlowProducer();
    private long now = 1;
    private int partitions = 2;
    private int asked;
    private final Emitter emitter = new Emitter(new OutputProducer(() -> producer), TopicNames.PLAIN, 0, () -> {
        asked++;
        return partitions;
    }, new InFlight(), new RouterMeters(new SimpleMeterRegistry()), () -> now);
    private int offset;

    /** Takes each record when the test says so. */
    private static final class SlowProducer extends MockProducer<byte[], byte[]> {
        private record Open(ProducerRecord<byte[], byte[]> record, Callback callback) {}

        private final List<Open> open = new ArrayList<>();
        private final List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();

        SlowProducer() {
            super(new Cluster("c", List.of(),
                    List.of(new PartitionInfo(TopicNames.PLAIN.deliveries(), 0, null, null, null),
                            new PartitionInfo(TopicNames.PLAIN.deliveries(), 1, null, null, null)),
                    Set.of(), Set.of()),
                    false, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            if (closed()) throw new IllegalStateException("closed");
            open.add(new Open(record, callback));
            sent.add(record);
            return new CompletableFuture<>();
        }

        void endFirstStuck() {
            var first = open.stream().filter(one -> isStuck(one.record())).findFirst().orElseThrow();
            open.remove(first);
            first.callback().onCompletion(null, null);
        }

        void end(Predicate<ProducerRecord<byte[], byte[]>> which, @Nullable Exception failure) {
            for (var one : List.copyOf(open)) {
                if (!which.test(one.record())) continue;
                open.remove(one);
                one.callback().onCompletion(null, failure);
            }
        }
    }

    @Test
    void whatIsBehindAPartitionThatTakesNothingIsGivenUpAndTheOthersGoOn() throws Exception {
        emitter.emit(message());
        producer.end(record -> !isStuck(record), null);
        pass(Lanes.STUCK, true);
        var frozen = emitter.turn();
        assertThat(edgesLost()).containsExactly("stuck");
        assertThat(frozen.await(Duration.ZERO)).as("the log has to say it first").isFalse();
        producer.end(record -> record.topic().equals(TopicNames.PLAIN.commands()), null);
        assertThat(frozen.await(Duration.ZERO)).isTrue();

        var before = producer.sent.size();
        emitter.emit(message());
        assertThat(producer.sent.subList(before, producer.sent.size())).noneMatch(EmitterTest::isStuck).hasSize(2);
        assertThat(edgesLost()).hasSize(1);
        producer.end(EmitterTest::isStuck, new TimeoutException("expired"));
        assertThat(emitter.failure()).isNull();
    }

    /** A router that ended in between would leave it to nobody to tell the edge. */
    @Test
    void aCheckpointThatWaitsForWhatIsCutOffWaitsUntilTheLogSaysSo() throws Exception {
        emitter.emit(message());
        var before = emitter.turn();
        producer.end(record -> !isStuck(record), null);
        pass(Lanes.STUCK, true);
        assertThat(edgesLost()).containsExactly("stuck");
        producer.end(EmitterTest::isStuck, new TimeoutException("expired"));
        assertThat(before.await(Duration.ZERO)).isFalse();
        assertThat(emitter.failure()).isNull();

        producer.end(record -> record.topic().equals(TopicNames.PLAIN.commands()), null);
        assertThat(before.await(Duration.ZERO)).isTrue();
    }

    @Test
    void anEdgeThatComesNewBehindItIsGivenUpToo() {
        emitter.emit(message());
        pass(Lanes.STUCK, true);
        emitter.emit(List.of(push(new EdgeRef("new", 1, 0))));
        assertThat(edgesLost()).containsExactlyInAnyOrder("stuck", "well", "new");
    }

    @Test
    void whileKafkaIsAwayNobodyIsCutOff() {
        emitter.emit(message());
        pass(Duration.ofMinutes(2), false);
        pass(Lanes.STUCK.minusSeconds(1), true);
        assertThat(edgesLost()).isEmpty();
        producer.end(_ -> true, null);
        pass(Lanes.STUCK, true);
        assertThat(edgesLost()).isEmpty();
    }

    @Test
    void onePartitionThatIsSlowButGoesOnIsNotCutOff() {
        for (var n = 0; n < 20; n++) {
            emitter.emit(message());
            pass(Lanes.STUCK.minusSeconds(2), true);
            producer.endFirstStuck();
            producer.end(record -> !isStuck(record), null);
        }
        assertThat(edgesLost()).isEmpty();
    }

    @Test
    void aShardThatIsFullWaitsForLess() {
        while (!emitter.isFull()) emitter.emit(List.of(push(STUCK)));
        pass(Lanes.STUCK_WHEN_FULL, true);
        assertThat(edgesLost()).containsExactly("stuck");
        producer.end(record -> record.topic().equals(TopicNames.PLAIN.commands()), null);
        assertThat(emitter.isFull()).isFalse();
    }

    @Test
    void anEdgeIsToldOnceItsPartitionTakesSomethingAgain() {
        emitter.emit(message());
        producer.end(record -> !isStuck(record), null);
        pass(Lanes.STUCK, true);
        producer.end(EmitterTest::isStuck, new TimeoutException("expired"));

        for (var n = 0; n < 5; n++) emitter.tellGivenUp(STUCK, new Source(0, offset, 0));
        assertThat(producer.open.stream().filter(one -> isStuck(one.record()))).as("one is tried at a time").hasSize(1);
        producer.end(EmitterTest::isStuck, new TimeoutException("expired"));
        emitter.tellGivenUp(STUCK, new Source(0, offset, 0));
        producer.end(EmitterTest::isStuck, null);

        var before = producer.sent.size();
        emitter.emit(List.of(push(STUCK), push(new EdgeRef("stuck", 2, 0))));
        assertThat(producer.sent.subList(before, producer.sent.size())).hasSize(1)
                .allSatisfy(record -> assertThat(new String(record.value(), UTF_8)).contains("\"incarnation\":2"));
        assertThat(emitter.failure()).isNull();
    }

    @Test
    void theBrokerIsAskedForAPartitionThatIsNotKnownBeforeAnythingIsDropped() {
        partitions = 3;
        emitter.emit(List.of(push(new EdgeRef("new", 1, 2))));
        assertThat(producer.sent).hasSize(1);
        for (var n = 0; n < 10; n++) emitter.emit(List.of(push(new EdgeRef("nowhere", 1, 9))));
        assertThat(producer.sent).hasSize(1);
        assertThat(asked).isEqualTo(1);
        now += Duration.ofSeconds(2).toNanos();
        emitter.emit(List.of(push(new EdgeRef("nowhere", 1, 9))));
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void aProducerThatWasJustClosedFailsTheShardAndIsNoPoison() {
        producer.close();
        emitter.emit(message());
        assertThat(emitter.failure()).isInstanceOf(IllegalStateException.class);
    }

    private void pass(Duration time, boolean isHeard) {
        emitter.cutOff(isHeard);
        for (var passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plusMillis(500)) {
            now += Duration.ofMillis(500).toNanos();
            emitter.cutOff(isHeard);
        }
    }

    @Test
    void aRouterThatStoodStillItselfCutsNobodyOff() {
        emitter.emit(message());
        emitter.cutOff(true);
        now += Duration.ofMinutes(1).toNanos();
        emitter.cutOff(true);
        assertThat(edgesLost()).isEmpty();
    }

    private List<String> edgesLost() {
        return producer.sent.stream().filter(record -> record.topic().equals(TopicNames.PLAIN.commands()))
                .flatMap(record -> commands(record).stream())
                .map(command -> ((Command.EdgeLost) command).edge()).toList();
    }

    private static List<Command> commands(ProducerRecord<byte[], byte[]> record) {
        try {
            return LogCodec.commands(record.value());
        } catch (MalformedRecordException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isStuck(ProducerRecord<byte[], byte[]> record) {
        return record.topic().equals(TopicNames.PLAIN.deliveries()) && Integer.valueOf(0).equals(record.partition());
    }

    private List<Output> message() {
        return List.of(new Output.Fact(source(), new Event.MessagePosted(ROOM, 1, 1, ANN, null, Content.text("hi"), 1)),
                push(STUCK), push(WELL));
    }

    private Output push(EdgeRef edge) {
        return new Output.Push(source(), edge, new Delivery.Message(ROOM, 1, 1, ANN, null, Content.text("hi"), 1));
    }

    private Source source() {
        return new Source(0, offset++, 0);
    }
}
