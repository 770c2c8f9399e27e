package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.resume.FakeHistory;
import io.rejoin.edge.room.FakeReceiver;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.room.Receiver;
import io.rejoin.edge.room.Receivers;
import io.rejoin.edge.websocket.FrameMemory;
import io.rejoin.link.Frame;
import io.rejoin.tracing.BrokenTraces;
import io.rejoin.tracing.RecordedTraces;
import io.rejoin.tracing.Tracing;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamFramesTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final UserId ANN = new UserId("default", "ann");
    private static final String ROUTER = "r1";
    private static final int SHARDS = 4;
    private static final ConnectionId HOSTILE = new ConnectionId("hostile");

    private final MockProducer<byte[], byte[]> deadLetters = new MockProducer<>(true, null, new ByteArraySerializer(),
            new ByteArraySerializer());
    private final RecordedTraces traces = new RecordedTraces();
    private long now;
    private final EdgeIdentity identity = new EdgeIdentity("edge-1");
    private final FakeReceiver ann = new FakeReceiver("a", 1_000, true);
    private final OneConnectionEdge edge = new OneConnectionEdge();
    private StreamFrames streamFrames = streamFrames(traces.tracing());

    private StreamFrames streamFrames(Tracing tracing) {
        return new StreamFrames(identity,
                new FanOut(new LocalRooms(1_000_000), edge, new FakeHistory(), new FrameMemory(20_000_000),
                        new Random(1), new FanOutMeters(new SimpleMeterRegistry())),
                edge, SHARDS, "log",
                new DeadLetterWriter(deadLetters, TopicNames.PLAIN.deadLetters(), () -> now,
                        new FanOutMeters(new SimpleMeterRegistry())),
                () -> now, tracing);
    }

    /** An edge with one connection. Counts how often its members must join again. */
    private final class OneConnectionEdge implements Receivers {
        private int rejoins;

        @Override
        public @Nullable Receiver find(ConnectionId connection) {
            if (connection.equals(HOSTILE)) throw new IllegalStateException("a bug");
            return connection.equals(ann.id) ? ann : null;
        }

        @Override
        public Collection<? extends Receiver> of(UserId user) {
            return List.of(ann);
        }

        @Override
        public void rejoinAll() {
            rejoins++;
        }
    }

    @BeforeEach
    void join() {
        for (var shard = 0; shard < SHARDS; shard++) begin(shard, 0, null);
        ann.addJoining(LOBBY, 1, null, null);
        record("edge-1", 1, source(0), new Delivery.Joined(LOBBY, ann.id, 1, 1, 0, List.of(ANN), 1, 1, null));
    }

    @Test
    void aRepeatedDeliveryIsHandledOnce() {
        record("edge-1", 1, source(1), message(1));
        record("edge-1", 1, source(0), new Delivery.Joined(LOBBY, ann.id, 1, 1, 0, List.of(ANN), 1, 1, null));
        record("edge-1", 1, source(1), message(1));
        record("edge-1", 1, source(2), message(2));

        assertThat(ann.events()).containsExactly("join_ack", "message", "message");
    }

    @Test
    void aTracedDeliveryAndItsRepetitionEndTheirSteps() {
        for (var i = 0; i < 2; i++) {
            var batch = new DeliveryBatch("edge-1", 1, List.of(new DeliveryBatch.Entry(source(1), message(1)),
                    new DeliveryBatch.Entry(source(2), message(2))));
            handle(LogCodec.deliveries(batch), Map.of(1, context()));
        }

        assertThat(ann.seqs()).containsExactly(1L, 2L);
        assertThat(traces.ended()).containsExactly("process deliveries", "process deliveries");
    }

    /** The message is delivered before the trace fails, so nobody has to join again. */
    @Test
    void aFailingTraceDoesNotFailTheDelivery() {
        ann.failOnWhenSent();
        recordTraced(source(1), message(1));
        record("edge-1", 1, source(2), message(2));

        assertThat(ann.seqs()).containsExactly(1L, 2L);
        assertThat(deadLetters.history()).isEmpty();
        assertThat(edge.rejoins).isZero();
        assertThat(traces.ended()).containsExactly("process deliveries: the step could not be observed");
    }

    @ParameterizedTest
    @MethodSource("broken")
    void brokenTracingLosesNoDelivery(Tracing broken) {
        streamFrames = streamFrames(broken);
        join();
        recordTraced(source(1), message(1));
        record("edge-1", 1, source(2), message(2));

        assertThat(ann.seqs()).containsExactly(1L, 2L);
        assertThat(deadLetters.history()).isEmpty();
        assertThat(edge.rejoins).isZero();
    }

    private static List<Tracing> broken() {
        return List.of(BrokenTraces.inEveryStep(), BrokenTraces.fromTheBeginning());
    }

    private void recordTraced(Source source, Delivery delivery) {
        var batch = new DeliveryBatch("edge-1", 1, List.of(new DeliveryBatch.Entry(source, delivery)));
        handle(LogCodec.deliveries(batch), Map.of(0, context()));
    }

    private String context() {
        return Objects.requireNonNull(traces.tracing().begin("post").context());
    }

    @Test
    void deliveriesForOtherEdgesAreSkipped() {
        record("edge-2", 1, source(1), message(1));
        record("edge-1", 1, source(2), message(1));

        assertThat(ann.seqs()).containsExactly(1L);
        assertThat(deadLetters.history()).isEmpty();
        assertThat(edge.rejoins).isZero();
    }

    @Test
    void anUnreadableBatchBecomesADeadLetterAndAllMembersRejoin() {
        record("edge-1", 1, source(1), message(1));
        handle("{".getBytes(UTF_8), Map.of());
        record("edge-1", 1, source(2), message(2)); // for an old incarnation: members get it when they join again

        assertThat(ann.seqs()).containsExactly(1L);
        assertThat(edge.rejoins).isEqualTo(1);
        assertThat(identity.current().incarnation()).isEqualTo(2);
        var letter = deadLetters.history().getFirst();
        assertThat(letter.topic()).isEqualTo(TopicNames.PLAIN.deadLetters());
        assertThat(letter.key()).isEqualTo("edge-1".getBytes(UTF_8));
        assertThat(letter.value()).isEqualTo("{".getBytes(UTF_8));
        assertThat(header(letter, Topics.DEAD_LETTER_FROM)).isEqualTo("router r1");
        assertThat(header(letter, Topics.DEAD_LETTER_REASON)).contains("version 123 is unknown");
    }

    @Test
    void anUnreadableDeliveryDoesNotAffectOthersOfItsBatch() {
        entries(entry(1, message(1)), new byte[]{0, 2, 0, 99}, entry(3, message(2)));

        assertThat(ann.seqs()).containsExactly(1L, 2L);
        assertThat(edge.rejoins).isEqualTo(1); // its effect is unknown
        assertThat(header(deadLetters.history().getFirst(), Topics.DEAD_LETTER_REASON)).contains("0:2:0", "kind 99");
    }

    @ParameterizedTest
    @MethodSource("unaffected")
    void aDeliveryThatARejoinDoesNotRepairCausesNoRejoin(Delivery delivery) {
        var its = bytes(entry(2, delivery));
        entries(entry(1, message(1)), Arrays.copyOf(its, its.length + 1), entry(3, message(2)));

        assertThat(ann.seqs()).containsExactly(1L, 2L);
        assertThat(edge.rejoins).isZero();
        assertThat(deadLetters.history()).hasSize(1);
    }

    private static List<Delivery> unaffected() {
        var connection = new ConnectionId("c");
        return List.of(new Delivery.Acked(LOBBY, connection, "m1", 1, 5, false),
                new Delivery.Refused(LOBBY, connection, "m1", Delivery.Refusal.ID_CONFLICT),
                new Delivery.Confirmed(LOBBY, connection, 1, "m1", ANN),
                new Delivery.Expired(LOBBY, connection, 1, "m1", List.of(ANN)),
                new Delivery.MemberList(LOBBY, connection, 7, List.of(ANN), 1, 1),
                new Delivery.Redeliver(LOBBY, 1, 1, ANN));
    }

    /** The values have the source 0:2:0 and the kind of a delivery that is cut off after it, or even less. */
    @ParameterizedTest
    @ValueSource(strings = {"00020001", "00020002", "0002000a", "0002000c", "000200", "0002", ""})
    void anUnreadableDeliveryOfUnknownEffectCausesARejoin(String hex) {
        entries((Object) HexFormat.of().parseHex(hex));

        assertThat(edge.rejoins).isEqualTo(1);
    }

    @Test
    void anUnreadableRepetitionCausesNoRejoin() {
        entries(entry(3, message(1)));
        entries((Object) new byte[]{0, 2, 0, 99});

        assertThat(edge.rejoins).isZero();
        assertThat(deadLetters.history()).hasSize(1);
    }

    /** @param entries each is an entry, or the bytes of one */
    private void entries(Object... entries) {
        var head = LogCodec.deliveries(new DeliveryBatch("edge-1", 1, List.of()));
        head[head.length - 1] = (byte) entries.length;
        var batch = new ByteArrayOutputStream();
        batch.writeBytes(head);
        for (var entry : entries) {
            var bytes = entry instanceof byte[] raw ? raw : bytes((DeliveryBatch.Entry) entry);
            batch.write(bytes.length);
            batch.writeBytes(bytes);
        }
        handle(batch.toByteArray(), Map.of());
    }

    /** The bytes of an entry in a batch, without the length byte before them. */
    private static byte[] bytes(DeliveryBatch.Entry entry) {
        var empty = LogCodec.deliveries(new DeliveryBatch("edge-1", 1, List.of()));
        var value = LogCodec.deliveries(new DeliveryBatch("edge-1", 1, List.of(entry)));
        return Arrays.copyOfRange(value, empty.length + 1, value.length);
    }

    @Test
    void manyUnreadableBatchesCauseFewRejoins() {
        for (var n = 0; n < 500; n++) handle(new byte[]{1}, Map.of());
        assertThat(edge.rejoins).isEqualTo(1);
        now += StreamFrames.MIN_RENEWAL_INTERVAL.toNanos() - 1;
        streamFrames.handle(ROUTER, new Frame.Alive());
        assertThat(edge.rejoins).isEqualTo(1);
        now++;
        streamFrames.handle(ROUTER, new Frame.Alive());
        assertThat(edge.rejoins).isEqualTo(2); // for the batches after the first one
        assertThat(deadLetters.history()).hasSize(500);
        now += StreamFrames.MIN_RENEWAL_INTERVAL.toNanos();
        streamFrames.handle(ROUTER, new Frame.Alive());
        assertThat(edge.rejoins).isEqualTo(2); // no batch has arrived since
    }

    @Test
    void aDeliveryWhoseHandlingFailsDoesNotAffectOthers() {
        var failing = new Delivery.Acked(LOBBY, HOSTILE, "m1", 1, 5, false);
        handle(LogCodec.deliveries(new DeliveryBatch("edge-1", 1,
                List.of(entry(1, message(1)), entry(2, failing), entry(3, failing), entry(4, message(2))))), Map.of());

        assertThat(ann.seqs()).containsExactly(1L, 2L);
        assertThat(edge.rejoins).isEqualTo(1);
        assertThat(deadLetters.history()).hasSize(1);
        assertThat(header(deadLetters.history().getFirst(), Topics.DEAD_LETTER_REASON)).contains("0:2:0")
                .contains("a bug");
    }

    @Test
    void anEdgeThatIsGivenUpRejoinsOnceUnderItsNextIncarnation() {
        record("edge-1", 1, source(1), new Delivery.GivenUp(1));
        record("edge-1", 1, new Source(1, 4, 0), new Delivery.GivenUp(1)); // another shard's, too late

        assertThat(identity.current().incarnation()).isEqualTo(2);
        assertThat(edge.rejoins).isEqualTo(1);
    }

    @Test
    void onlyPostResultsOfAnOldIncarnationAreDelivered() {
        record("edge-1", 1, source(1), new Delivery.GivenUp(1));
        record("edge-1", 1, source(2), message(1));
        record("edge-1", 1, source(3), new Delivery.Acked(LOBBY, ann.id, "m1", 1, 5, false));
        record("edge-1", 1, source(4), new Delivery.Confirmed(LOBBY, ann.id, 1, "m1", ANN));
        record("edge-1", 1, source(5), new Delivery.Redeliver(LOBBY, 1, 1, ANN));
        record("edge-1", 1, source(6), new Delivery.Expired(LOBBY, ann.id, 2, "m2", List.of(ANN)));
        record("edge-1", 2, source(4), message(2));

        assertThat(ann.events()).startsWith("join_ack", "ack", "confirmed", "expired");
        assertThat(ann.of("ack").getFirst().get("id").textValue()).isEqualTo("m1");
    }

    @Test
    void redeliveriesDoNotMoveThePosition() {
        record("edge-1", 1, source(5), message(1));
        record("edge-1", 1, source(3), new Delivery.Redeliver(LOBBY, 1, 1, ANN));
        record("edge-1", 1, source(3), new Delivery.Redeliver(LOBBY, 1, 1, ANN));
        record("edge-1", 1, source(9), new Delivery.Redeliver(LOBBY, 1, 1, ANN));
        record("edge-1", 1, source(6), message(2));

        assertThat(ann.seqs()).containsExactly(1L, 1L, 1L, 1L, 2L);
    }

    @Test
    void aStreamThatContinuesAtTheEdgesPositionCausesNoRejoin() {
        record("edge-1", 1, source(1), message(1));
        streamFrames.onStreamEnded(ROUTER, now);
        begin(0, 1, source(1));
        begin(0, 1, source(0));
        record("edge-1", 1, source(1), message(1));
        record("edge-1", 1, source(2), message(2));

        assertThat(edge.rejoins).isZero();
        assertThat(ann.seqs()).containsExactly(1L, 2L);
    }

    @Test
    void aGapOfAnEarlierIncarnationCausesNoSecondRejoin() {
        record("edge-1", 1, source(1), new Delivery.GivenUp(1));
        begin(1, 1, new Source(1, 9, 0));

        assertThat(edge.rejoins).isEqualTo(1);
    }

    @Test
    void aGapBeforeAStreamCausesARejoin() {
        record("edge-1", 1, source(1), message(1));
        begin(0, 1, source(2));

        assertThat(edge.rejoins).isEqualTo(1);
        assertThat(identity.current().incarnation()).isEqualTo(2);
        assertThat(deadLetters.history()).isEmpty();
    }

    /** The edge waits: if it is too slow, further joins would make it miss even more. */
    @Test
    void aSecondGapCausesARejoinAfterTheMinimumInterval() {
        begin(0, 1, source(2));
        begin(0, 2, source(3));
        assertThat(edge.rejoins).isEqualTo(1);
        now += StreamFrames.MIN_RENEWAL_INTERVAL.toNanos();
        streamFrames.handle(ROUTER, new Frame.Alive());

        assertThat(edge.rejoins).isEqualTo(2);
        assertThat(identity.current().incarnation()).isEqualTo(3);
    }

    @Test
    void beingGivenUpAlsoClearsAPendingRejoin() {
        begin(0, 1, source(2));
        begin(0, 2, source(3));
        record("edge-1", 2, source(4), new Delivery.GivenUp(2));
        assertThat(edge.rejoins).isEqualTo(2);
        now += StreamFrames.MIN_RENEWAL_INTERVAL.toNanos();
        streamFrames.handle(ROUTER, new Frame.Alive());
        assertThat(edge.rejoins).isEqualTo(2);
    }

    @Test
    void aShardThatDoesNotKnowTheEdgeCausesARejoin() {
        record("edge-1", 1, source(1), message(1));
        begin(0, 0, null);

        assertThat(edge.rejoins).isEqualTo(1);
    }

    @Test
    void aShardWithoutAStreamForLongCausesARejoin() {
        record("edge-1", 1, source(1), message(1));
        streamFrames.onStreamEnded(ROUTER, now);
        now += Coverage.RENEW_AFTER.toNanos() + 1;
        begin(0, 1, source(1));
        assertThat(edge.rejoins).isEqualTo(1);
        begin(0, 1, source(1));
        assertThat(edge.rejoins).isEqualTo(1);
    }

    @Test
    void allShardsWithoutAStreamForLongCauseOneRejoin() {
        streamFrames.onStreamEnded(ROUTER, now);
        now += Coverage.RENEW_AFTER.toNanos() + 1;
        for (var shard = 0; shard < SHARDS; shard++) begin(shard, 1, null);
        assertThat(edge.rejoins).isEqualTo(1);
    }

    @Test
    void aShardThatEndedIsUncovered() {
        streamFrames.handle(ROUTER, new Frame.Ends(1));
        assertThat(streamFrames.uncoveredShards()).isEqualTo(1);
    }

    @Test
    void aShardWithoutAStreamForAShortTimeCausesNoRejoin() {
        record("edge-1", 1, source(1), message(1));
        streamFrames.onStreamEnded(ROUTER, now);
        now += Coverage.RENEW_AFTER.toNanos();
        begin(0, 1, source(1));

        assertThat(edge.rejoins).isZero();
    }

    @Test
    void shardsAreCoveredAsLongAsTheirStreamsLast() {
        assertThat(streamFrames.uncoveredShards()).isZero();
        streamFrames.handle("r2", new Frame.Begins(1, 0, null));
        streamFrames.onStreamEnded(ROUTER, now);
        assertThat(streamFrames.uncoveredShards()).isEqualTo(SHARDS - 1);
    }

    @Test
    void helloAndReachedHaveThePositionsAndTheIncarnation() throws InterruptedException {
        record("edge-1", 1, source(1), message(1));
        record("edge-1", 1, new Source(2, 7, 1), message(2));
        assertThat(streamFrames.hello().edge()).isEqualTo("edge-1");
        assertThat(streamFrames.hello().positions()).containsExactlyInAnyOrder(source(1), new Source(2, 7, 1));
        var before = streamFrames.positionChanges();
        record("edge-1", 1, source(2), new Delivery.GivenUp(1));

        assertThat(streamFrames.positionChanges()).isGreaterThan(before);
        assertThat(streamFrames.awaitChange(before, Duration.ofMinutes(1))).isTrue();
        assertThat(streamFrames.hello()).isEqualTo(new Frame.Hello("edge-1", 2, List.of(), "log"));
        assertThat(streamFrames.positionsFrame()).isEqualTo(new Frame.Positions(2, List.of()));
    }

    @Test
    void anAliveFrameChangesNoPosition() throws InterruptedException {
        var before = streamFrames.positionChanges();
        streamFrames.handle(ROUTER, new Frame.Alive());

        assertThat(streamFrames.positionChanges()).isEqualTo(before);
        assertThat(streamFrames.awaitChange(before, Duration.ZERO)).isFalse();
    }

    private void begin(int shard, long incarnation, @Nullable Source after) {
        streamFrames.handle(ROUTER, new Frame.Begins(shard, incarnation, after));
    }

    private static Source source(long offset) {
        return new Source(0, offset, 0);
    }

    private void record(String to, long incarnation, Source source, Delivery delivery) {
        handle(LogCodec.deliveries(
                new DeliveryBatch(to, incarnation, List.of(new DeliveryBatch.Entry(source, delivery)))), Map.of());
    }

    private void handle(byte[] value, Map<Integer, String> contexts) {
        streamFrames.handle(ROUTER, new Frame.Deliveries(value, contexts));
    }

    private static DeliveryBatch.Entry entry(long offset, Delivery delivery) {
        return new DeliveryBatch.Entry(source(offset), delivery);
    }

    private static String header(ProducerRecord<byte[], byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), UTF_8);
    }

    private static Delivery.Message message(long seq) {
        return new Delivery.Message(LOBBY, 1, seq, ANN, null, Content.text("m" + seq), seq);
    }
}
