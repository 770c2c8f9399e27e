package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Event;
import io.rejoin.router.core.Output;
import io.rejoin.router.link.ShardPushes;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.router.shard.Emitter;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class OutputProducerTest {
    private final List<MockProducer<byte[], byte[]>> opened = new ArrayList<>();
    private final OutputProducer outputs = new OutputProducer(this::open);

    @Test
    void allShardsShareOneProducer() {
        emitter(0).emit(fact());
        emitter(1).emit(fact());
        assertThat(opened).hasSize(1);
        assertThat(opened.getFirst().history()).extracting(record -> record.partition()).containsExactly(0, 1);
    }

    /** A refused record leaves a gap, and the client would send the records after it. */
    @Test
    void afterAFailureNoShardSendsThroughTheProducer() {
        var emitter0 = emitter(0);
        var emitter1 = emitter(1);
        emitter0.emit(fact());
        opened.getFirst().errorNext(new TimeoutException("not taken"));
        assertThat(emitter0.failure()).isInstanceOf(TimeoutException.class);

        emitter0.emit(fact());
        emitter1.emit(fact());
        assertThat(opened.getFirst().closed()).isTrue();
        assertThat(opened.getFirst().history()).hasSize(1);
        assertThat(emitter1.failure()).isNotNull();
    }

    @Test
    void afterAFailureNewShardsShareANewProducer() {
        var first = outputs.get();
        outputs.closeFailed(first);
        emitter(0).emit(fact());
        outputs.closeFailed(first); // another shard notices the failure late
        emitter(1).emit(fact());
        assertThat(opened).hasSize(2);
        assertThat(opened.getLast().history()).hasSize(2);
    }

    @Test
    void closingOneShardDoesNotCloseTheProducer() {
        var emitter0 = emitter(0);
        var emitter1 = emitter(1);
        emitter0.close();
        emitter0.emit(fact());
        emitter1.emit(fact());
        assertThat(opened.getFirst().history()).extracting(record -> record.partition()).containsExactly(1);
        assertThat(emitter1.failure()).isNull();
    }

    @Test
    void afterCloseNoProducerIsOpened() {
        emitter(0);
        outputs.close();
        assertThat(opened.getFirst().closed()).isTrue();
        assertThatThrownBy(outputs::get).isInstanceOf(IllegalStateException.class);
    }

    private MockProducer<byte[], byte[]> open() {
        opened.add(new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()));
        return opened.getLast();
    }

    private Emitter emitter(int partition) {
        return new Emitter(outputs, TopicNames.PLAIN, partition, new ShardPushes(partition, List.of(), () -> 1_000),
                new InFlightLimits(),
                new RouterMeters(new SimpleMeterRegistry()));
    }

    private static List<Output> fact() {
        return List.of(new Output.Fact(new Source(0, 0, 0), new Event.MessagePosted(new RoomId("default", "r"), 1, 1,
                new UserId("default", "ann"), null, Content.text("hi"), 1)));
    }
}
