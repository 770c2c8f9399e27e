package io.rejoin.router.liveness;

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
    private static final Duration QUARTER_SECOND = Duration.ofMillis(250);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final MockProducer<byte[], byte[]> producer = new MockProducer<>(false, null, new ByteArraySerializer(),
            new ByteArraySerializer());
    private final Peers peers = new Peers();
    private long now;
    private int returnedCount;
    private final EdgeWatch watch = new EdgeWatch(new MockConsumer<>("none"), producer, TopicNames.PLAIN,
            new LogClock(), peers, "1", "router-1:8091", () -> now);

    @BeforeEach
    void begin() {
        watch.sendBeatIfDue();
    }

    @Test
    void onlyOneBeatIsInFlight() {
        advance(SECOND);
        advance(SECOND);
        assertThat(sentBeats()).hasSize(1)
                .allSatisfy(beat -> assertThat(new String(beat.key(), UTF_8)).isEqualTo("watch:1"));
    }

    @Test
    void aBeatHoldsTheAddressForEdges() {
        var link = sentBeats().getFirst().headers().lastHeader("rejoin-link");
        assertThat(new String(link.value(), UTF_8)).isEqualTo("router-1:8091");
    }

    @Test
    void theNextBeatIsSentWhenTheLastOneIsAcknowledgedOrFailed() {
        producer.completeNext();
        advance(SECOND);
        producer.errorNext(new TimeoutException("lost"));
        advance(SECOND);
        assertThat(sentBeats()).hasSize(3);
    }

    @Test
    void aRouterBeatsOnceASecondWhenAloneAndElseFourTimes() {
        returnAll();
        advance(SECOND.minusNanos(1));
        assertThat(sentBeats()).hasSize(1);
        advance(Duration.ofNanos(1));
        assertThat(sentBeats()).hasSize(2);
        returnAll();

        peers.onBeat("2");
        advance(QUARTER_SECOND);
        assertThat(sentBeats()).hasSize(3);
        returnAll();
        advance(QUARTER_SECOND);
        assertThat(sentBeats()).hasSize(4);
    }

    @Test
    void aBeatOfAnotherRouterMakesTheNextBeatDueAtOnce() {
        returnAll();
        advance(QUARTER_SECOND.multipliedBy(3));
        assertThat(sentBeats()).hasSize(1);
        peers.onBeat("2");
        watch.sendBeatIfDue();
        assertThat(sentBeats()).hasSize(2);
    }

    @Test
    void anEdgeIsSilentAfterMoreThanTwentyBeats() {
        peers.onBeat("2");
        assertThat(beatsUntilSilent(QUARTER_SECOND)).isEqualTo(21);
    }

    @Test
    void aBeatOfARouterThatIsAloneCountsAsFour() {
        assertThat(beatsUntilSilent(SECOND)).isEqualTo(6);
    }

    @Test
    void aBeatKeepsTheWeightThatItWasSentWith() {
        returnAll();
        assertThat(watch.checkSilent(EDGE)).isFalse();
        for (var beat = 0; beat < 5; beat++) sendAndReturn(SECOND);
        advance(SECOND);
        peers.onBeat("2");
        returnAll();
        assertThat(watch.checkSilent(EDGE)).isTrue();
    }

    private int beatsUntilSilent(Duration interval) {
        returnAll();
        var beats = 0;
        for (; !watch.checkSilent(EDGE); beats++) sendAndReturn(interval);
        return beats;
    }

    private void sendAndReturn(Duration interval) {
        advance(interval);
        returnAll();
    }

    private void advance(Duration time) {
        now += time.toNanos();
        watch.sendBeatIfDue();
    }

    private List<ProducerRecord<byte[], byte[]>> sentBeats() {
        return producer.history();
    }

    /** Completes all sends, and lets the watch read the records. */
    private void returnAll() {
        for (; returnedCount < sentBeats().size(); returnedCount++) {
            producer.completeNext();
            returnBeat(sentBeats().get(returnedCount));
        }
    }

    private void returnBeat(ProducerRecord<byte[], byte[]> record) {
        var read = new ConsumerRecord<byte[], byte[]>("rejoin.edges", 0, returnedCount, record.key(), record.value());
        record.headers().forEach(read.headers()::add);
        watch.process(read);
    }
}
