package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.TopicNames;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class EdgeWatchTest {
    private final MockProducer<byte[], byte[]> producer = new MockProducer<>(false, null, new ByteArraySerializer(),
            new ByteArraySerializer());
    private final EdgeWatch watch = new EdgeWatch(new MockConsumer<>("none"), producer, TopicNames.PLAIN,
            new LogClock(), new Peers(), "1", "router-1:8091");

    @Test
    void beatsDoNotPileUpWhileKafkaIsAway() {
        watch.beat();
        watch.beat();
        assertThat(producer.history()).hasSize(1)
                .allSatisfy(beat -> assertThat(new String(beat.key(), UTF_8)).isEqualTo("watch:1"));
    }

    @Test
    void aBeatSaysWhereEdgesReachTheRouter() {
        watch.beat();
        var link = producer.history().getFirst().headers().lastHeader("rejoin-link");
        assertThat(new String(link.value(), UTF_8)).isEqualTo("router-1:8091");
    }

    @Test
    void theNextBeatFollowsWhenTheLastHasComeOrIsLost() {
        watch.beat();
        producer.completeNext();
        watch.beat();
        producer.errorNext(new TimeoutException("lost"));
        watch.beat();
        assertThat(producer.history()).hasSize(3);
    }
}
