package io.rejoin.router.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;
import io.rejoin.router.core.Output;
import io.rejoin.router.kafka.InFlightLimits;
import io.rejoin.router.kafka.OutputProducer;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.FakeStream;
import io.rejoin.router.link.ShardPushes;
import io.rejoin.router.metrics.RouterMeters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Events go to Kafka, deliveries to the streams of edges. */
class EmitterTest {
    private static final RoomId ROOM = new RoomId("default", "r");
    private static final UserId ANN = new UserId("default", "ann");
    private static final EdgeRef EDGE = new EdgeRef("edge", 1, 0);

    private final MockProducer<byte[], byte[]> producer = new MockProducer<>(false, null, new ByteArraySerializer(),
            new ByteArraySerializer());
    private final EdgeStreams streams = new EdgeStreams();
    private final ShardPushes pushes = new ShardPushes(0, List.of(), () -> 1_000_000);
    private final Emitter emitter = new Emitter(new OutputProducer(() -> producer), TopicNames.PLAIN, 0, pushes,
            new InFlightLimits(), new RouterMeters(new SimpleMeterRegistry()));
    private final FakeStream stream = new FakeStream(EDGE);
    private int offset;

    EmitterTest() {
        streams.add(pushes);
        streams.onOpened(stream);
    }

    @Test
    void deliveriesDoNotWaitForKafka() throws Exception {
        emitter.emit(List.of(fact(), push("hi", EDGE)));
        assertThat(stream.deliveries()).hasSize(1);
        assertThat(producer.history()).hasSize(1);
        assertThat(emitter.takeUnackedOutputs().await(Duration.ZERO)).as("a checkpoint does").isFalse();
    }

    @Test
    void deliveriesForOneEdgeAreSentInBatchesAndInOrder() {
        var outputs = new ArrayList<Output>();
        for (var n = 0; n < 600; n++) {
            outputs.add(push("hi", EDGE));
            outputs.add(push("hi", new EdgeRef("other", 1, 0)));
        }
        emitter.emit(outputs);
        assertThat(stream.sources()).hasSize(600).isSortedAccordingTo(Source::compareTo);
        assertThat(stream.sentFrames()).as("a word of where it begins, and three batches").hasSize(1 + 3);
    }

    @Test
    void aBatchIsSplitUnlessItHasOneEntry() {
        var large = "x".repeat(600_000);
        emitter.emit(List.of(push(large, EDGE), push(large, EDGE), push("hi", EDGE)));
        assertThat(stream.sources()).hasSize(3).isSorted();
        assertThat(stream.sentFrames()).hasSize(1 + 2);
    }

    @Test
    void afterAFailureNothingIsSentToEdges() {
        emitter.emit(List.of(fact()));
        producer.errorNext(new TimeoutException("not taken"));
        emitter.emit(List.of(push("hi", EDGE)));
        emitter.redeliver(List.of(push("hi", EDGE)));
        emitter.sendGivenUp(EDGE, new Source(0, 9, 0));
        assertThat(stream.deliveries()).isEmpty();
    }

    @Test
    void aRecordThatFailsAfterTheShardWasGivenUpClosesTheProducer() {
        emitter.emit(List.of(fact(), fact()));
        emitter.close();
        assertThat(producer.closed()).isFalse();

        producer.errorNext(new TimeoutException("not taken"));

        assertThat(producer.closed()).as("else the second may get into the log without the first").isTrue();
    }

    @Test
    void anEdgeGetsItsDeliveriesOnceItHasAStream() {
        emitter.emit(List.of(push("hi", new EdgeRef("late", 1, 0))));
        emitter.redeliver(List.of(push("again", new EdgeRef("late", 1, 0))));
        var late = new FakeStream(new EdgeRef("late", 1, 0));
        streams.onOpened(late);
        assertThat(late.deliveries()).as("what is beside the order is said again by whoever is due").hasSize(1);
    }

    @Test
    void anEdgeWithAGivenUpIncarnationIsNotified() {
        emitter.sendGivenUp(EDGE, new Source(0, 9, Integer.MAX_VALUE));
        assertThat(stream.deliveries()).containsExactly(new Delivery.GivenUp(1));
    }

    @Test
    void aClosedProducerFailsTheShardWithoutAPoisonException() {
        producer.close();
        emitter.emit(List.of(fact(), push("hi", EDGE)));
        assertThat(emitter.failure()).isInstanceOf(IllegalStateException.class);
    }

    private Output fact() {
        return new Output.Fact(source(), new Event.MessagePosted(ROOM, 1, 1, ANN, null, Content.text("hi"), 1));
    }

    private Output.Push push(String text, EdgeRef edge) {
        return new Output.Push(source(), edge,
                new Delivery.Message(ROOM, 1, 1, ANN, null, Content.text(text), 1));
    }

    private Source source() {
        return new Source(0, offset++, 0);
    }
}
