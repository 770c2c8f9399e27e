package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.TopicNames;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EdgeWatchTest {
    private static final EdgeRef EDGE = new EdgeRef("edge-1", 1, 0);
    private static final Duration QUARTER = Duration.ofMillis(250);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final MockProducer<byte[], byte[]> producer = new MockProducer<>(false, null, new ByteArraySerializer(),
            new ByteArraySerializer());
    private final Peers peers = new Peers();
    private long now;
    private int comeBack;
    private final EdgeWatch watch = new EdgeWatch(new MockConsumer<>("none"), producer, TopicNames.PLAIN,
            new LogClock(), peers, "1", "router-1:8091", () -> now);

    @BeforeEach
    void begin() {
        watch.beatIfDue();
    }

    @Test
    void beatsDoNotPileUpWhileKafkaIsAway() {
        pass(SECOND);
        pass(SECOND);
        assertThat(said()).hasSize(1)
                .allSatisfy(beat -> assertThat(new String(beat.key(), UTF_8)).isEqualTo("watch:1"));
    }

    @Test
    void aBeatSaysWhereEdgesReachTheRouter() {
        var link = said().getFirst().headers().lastHeader("rejoin-link");
        assertThat(new String(link.value(), UTF_8)).isEqualTo("router-1:8091");
    }

    @Test
    void theNextBeatFollowsWhenTheLastHasComeOrIsLost() {
        producer.completeNext();
        pass(SECOND);
        producer.errorNext(new TimeoutException("lost"));
        pass(SECOND);
        assertThat(said()).hasSize(3);
    }

    @Test
    void aRouterThatIsAloneBeatsOnceASecondAndForOthersFourTimes() {
        allComesBack();
        pass(SECOND.minusNanos(1));
        assertThat(said()).hasSize(1);
        pass(Duration.ofNanos(1));
        assertThat(said()).hasSize(2);
        allComesBack();

        peers.heard("2");
        pass(QUARTER);
        assertThat(said()).hasSize(3);
        allComesBack();
        pass(QUARTER);
        assertThat(said()).hasSize(4);
    }

    @Test
    void oneThatHearsAnotherBeatsAtOnce() {
        allComesBack();
        pass(QUARTER.multipliedBy(3));
        assertThat(said()).hasSize(1);
        peers.heard("2");
        watch.beatIfDue();
        assertThat(said()).hasSize(2);
    }

    @Test
    void anEdgeIsSilentWhenMoreThanTwentyBeatsCameBackSinceItWasHeard() {
        peers.heard("2");
        assertThat(beatsUntilSilent(QUARTER)).isEqualTo(21);
    }

    @Test
    void aBeatOfARouterThatIsAloneCountsAsFour() {
        assertThat(beatsUntilSilent(SECOND)).isEqualTo(6);
    }

    @Test
    void aBeatCountsAsItWasSentWhoeverIsHeardMeanwhile() {
        allComesBack();
        assertThat(watch.isSilent(EDGE)).isFalse();
        for (var beat = 0; beat < 5; beat++) beat(SECOND);
        pass(SECOND);
        peers.heard("2");
        allComesBack();
        assertThat(watch.isSilent(EDGE)).isTrue();
    }

    private int beatsUntilSilent(Duration pace) {
        allComesBack();
        var beats = 0;
        for (; !watch.isSilent(EDGE); beats++) beat(pace);
        return beats;
    }

    private void beat(Duration pace) {
        pass(pace);
        allComesBack();
    }

    private void pass(Duration time) {
        now += time.toNanos();
        watch.beatIfDue();
    }

    private List<ProducerRecord<byte[], byte[]>> said() {
        return producer.history();
    }

    /** Completes all sends, and lets the watch read the records. */
    private void allComesBack() {
        for (; comeBack < said().size(); comeBack++) {
            producer.completeNext();
            comesBack(said().get(comeBack));
        }
    }

    private void comesBack(ProducerRecord<byte[], byte[]> record) {
        var read = new ConsumerRecord<byte[], byte[]>("rejoin.edges", 0, comeBack, record.key(), record.value());
        record.headers().forEach(read.headers()::add);
        watch.take(read);
    }
}
