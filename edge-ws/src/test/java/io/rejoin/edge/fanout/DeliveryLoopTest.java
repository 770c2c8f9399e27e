package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.EdgeOrder;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.websocket.FrameMemory;
import io.rejoin.tracing.BrokenTraces;
import io.rejoin.tracing.RecordedTraces;
import io.rejoin.tracing.TraceHeaders;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryLoopTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final UserId ANN = new UserId("default", "ann");
    private static final TopicPartition PARTITION = new TopicPartition(TopicNames.PLAIN.deliveries(), 3);
    private static final long END = 100;
    private static final ConnectionId HOSTILE = new ConnectionId("hostile");

    private final HardPressedConsumer consumer = new HardPressedConsumer();
    private final MockProducer<byte[], byte[]> letters = new MockProducer<>(true, null, new ByteArraySerializer(),
            new ByteArraySerializer());
    private final RecordedTraces traces = new RecordedTraces();
    private long now;
    private final EdgeIdentity identity = new EdgeIdentity("edge-1", 3);
    private final FakeReceiver ann = new FakeReceiver("a", 1_000, true);
    private final Edge edge = new Edge();
    private final List<EdgeOrder.Action> orders = new ArrayList<>();
    private DeliveryLoop loop = loop(traces.tracing());
    private long offset = END;

    private DeliveryLoop loop(Tracing tracing) {
        return new DeliveryLoop(consumer, TopicNames.PLAIN.deliveries(), identity,
                new FanOut(new Rooms(1_000_000), edge, new FakeHistory(), new FrameMemory(20_000_000), new Random(1),
                        new FanOutMeters(new SimpleMeterRegistry())),
                edge, order -> orders.add(order.action()),
                new DeadLetters(letters, TopicNames.PLAIN.deadLetters(), () -> now,
                        new FanOutMeters(new SimpleMeterRegistry())),
                new Random(1), () -> now, tracing);
    }

    /** All there is of an edge: one connection, which joins again when told to. */
    private final class Edge implements Receivers {
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

    /** Whose broker does not say at once where a partition ends. */
    private static final class HardPressedConsumer extends MockConsumer<byte[], byte[]> {
        private int failures;

        HardPressedConsumer() {
            super("none");
        }

        @Override
        public synchronized long position(TopicPartition partition, Duration atMost) {
            if (failures-- > 0) throw new TimeoutException("no answer");
            return super.position(partition, atMost);
        }
    }

    @BeforeEach
    void join() {
        consumer.updateEndOffsets(Map.of(PARTITION, END));
        loop.begin();
        ann.joining(LOBBY, 1, null, null);
        record("edge-1", 1, source(0), new Delivery.Joined(LOBBY, ann.id, 1, 1, 0, List.of(ANN), 1, 1, null));
    }

    @Test
    void itBeginsAtTheEnd() {
        assertThat(consumer.position(PARTITION)).isEqualTo(END);
    }

    @Test
    void anOutputARouterRepeatsIsTakenOnce() {
        record("edge-1", 1, source(1), message(1));
        record("edge-1", 1, source(0), new Delivery.Joined(LOBBY, ann.id, 1, 1, 0, List.of(ANN), 1, 1, null));
        record("edge-1", 1, source(1), message(1));
        record("edge-1", 1, source(2), message(2));
        run();

        assertThat(ann.events()).containsExactly("join_ack", "message", "message");
    }

    @Test
    void aTracedDeliveryIsAStepAndSoIsItsRepetition() {
        for (var i = 0; i < 2; i++) {
            var batch = new DeliveryBatch("edge-1", 1, List.of(new DeliveryBatch.Entry(source(1), message(1)),
                    new DeliveryBatch.Entry(source(2), message(2))));
            var record = new ConsumerRecord<>(PARTITION.topic(), PARTITION.partition(), offset++,
                    "edge-1".getBytes(UTF_8),
                    LogCodec.deliveries(batch));
            TraceHeaders.put(record.headers(), Map.of(1, traces.tracing().begin("post")));
            consumer.addRecord(record);
        }
        run();

        assertThat(ann.seqs()).containsExactly(1L, 2L);
        assertThat(traces.ended()).containsExactly("process rejoin.deliveries", "process rejoin.deliveries");
    }

    /** It is delivered by then: nobody has to join again for a trace. */
    @Test
    void atATracedDeliveryNothingFailsButTheTrace() {
        ann.failsWhenAsked();
        recordTraced(source(1), message(1));
        record("edge-1", 1, source(2), message(2));
        run();

        assertThat(ann.seqs()).containsExactly(1L, 2L);
        assertThat(letters.history()).isEmpty();
        assertThat(edge.rejoins).isZero();
        assertThat(traces.ended()).containsExactly("process rejoin.deliveries: it could not be followed");
    }

    @ParameterizedTest
    @MethodSource("broken")
    void tracingThatFailsCostsNoDelivery(Tracing broken) {
        loop = loop(broken);
        loop.begin();
        recordTraced(source(1), message(1));
        record("edge-1", 1, source(2), message(2));
        run();

        assertThat(ann.seqs()).containsExactly(1L, 2L);
        assertThat(letters.history()).isEmpty();
        assertThat(edge.rejoins).isZero();
    }

    private static List<Tracing> broken() {
        return List.of(BrokenTraces.inEveryStep(), BrokenTraces.fromTheBeginning());
    }

    private void recordTraced(Source source, Delivery delivery) {
        var batch = new DeliveryBatch("edge-1", 1, List.of(new DeliveryBatch.Entry(source, delivery)));
        var record = new ConsumerRecord<>(PARTITION.topic(), PARTITION.partition(), offset++, "edge-1".getBytes(UTF_8),
                LogCodec.deliveries(batch));
        TraceHeaders.put(record.headers(), Map.of(0, traces.tracing().begin("post")));
        consumer.addRecord(record);
    }

    @Test
    void whatIsForOthersIsSkipped() {
        record("edge-2", 1, source(1), message(1));
        append("edge-2", "{".getBytes(UTF_8));
        append(null, new byte[0]);
        record("edge-1", 1, source(2), message(1));
        run();

        assertThat(ann.seqs()).containsExactly(1L);
        assertThat(letters.history()).isEmpty();
        assertThat(edge.rejoins).isZero();
    }

    @Test
    void anOrderIsForTheProcessInWhateverIncarnation() {
        record("edge-1", 1, source(1), new Delivery.GivenUp(1));
        order("edge-1", "edge-1", EdgeOrder.Action.DRAIN);
        order("edge-2", "edge-2", EdgeOrder.Action.DRAIN);
        order("edge-1", "edge-2", EdgeOrder.Action.DRAIN);
        order("edge-1", "edge-1", EdgeOrder.Action.SERVE);
        record("edge-1", 1, source(2), message(1));
        run();

        assertThat(orders).containsExactly(EdgeOrder.Action.DRAIN, EdgeOrder.Action.SERVE);
        assertThat(letters.history()).isEmpty();
    }

    @Test
    void anOrderThatCannotBeReadIsPutAsideAndNobodyJoinsAgain() {
        append(EdgeOrder.key("edge-1"),
                "{\"v\":1,\"order\":{\"edge\":\"edge-1\",\"action\":\"DANCE\"}}".getBytes(UTF_8));
        record("edge-1", 1, source(1), message(1));
        run();

        assertThat(orders).isEmpty();
        assertThat(ann.seqs()).containsExactly(1L);
        assertThat(edge.rejoins).isZero();
        assertThat(header(letters.history().getFirst(), Topics.DEAD_LETTER_REASON)).contains("DANCE");
    }

    private void order(String key, String edge, EdgeOrder.Action action) {
        append(EdgeOrder.key(key), LogCodec.order(new EdgeOrder(edge, action)));
    }

    @Test
    void whatCannotBeReadIsPutAsideAndEverybodyJoinsAgain() {
        append("edge-1", "{".getBytes(UTF_8));
        record("edge-1", 1, source(1), message(1));
        run();

        assertThat(ann.seqs()).containsExactly(1L);
        assertThat(edge.rejoins).isEqualTo(1);
        assertThat(identity.current().incarnation()).isEqualTo(2);
        var letter = letters.history().getFirst();
        assertThat(letter.topic()).isEqualTo(TopicNames.PLAIN.deadLetters());
        assertThat(letter.key()).isEqualTo("edge-1".getBytes(UTF_8));
        assertThat(letter.value()).isEqualTo("{".getBytes(UTF_8));
        assertThat(header(letter, Topics.DEAD_LETTER_FROM)).isEqualTo("rejoin.deliveries-3@101");
        assertThat(header(letter, Topics.DEAD_LETTER_REASON)).contains("not a Deliveries of ours");
    }

    @Test
    void oneThatCannotBeReadCostsNoOtherOfItsRecord() {
        entries(entry(1, message(1)), "{\"source\":\"0:2:0\",\"delivery\":{\"type\":\"dance\"}}", entry(3, message(2)));
        run();

        assertThat(ann.seqs()).containsExactly(1L, 2L);
        assertThat(edge.rejoins).isEqualTo(1); // nobody knows what it would have done
        assertThat(header(letters.history().getFirst(), Topics.DEAD_LETTER_REASON)).contains("0:2:0", "dance");
    }

    @ParameterizedTest
    @ValueSource(strings = {"acked", "refused", "confirmed", "expired", "member_list", "redeliver"})
    void whatNoJoinBringsBackMakesNobodyJoinAgain(String type) {
        entries(entry(1, message(1)), "{\"source\":\"0:2:0\",\"delivery\":{\"type\":\"" + type + "\",\"new\":1}}",
                entry(3, message(2)));
        run();

        assertThat(ann.seqs()).containsExactly(1L, 2L);
        assertThat(edge.rejoins).isZero();
        assertThat(letters.history()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"source\":\"0:2:0\",\"delivery\":{\"type\":\"message\",\"seq\":-1.5}}",
            "{\"source\":\"0:2:0\",\"delivery\":{\"type\":\"joined\"}}",
            "{\"source\":\"0:2:0\",\"delivery\":{\"type\":\"given_up\",\"incarnation\":{}}}",
            "{\"source\":\"0:2\",\"delivery\":{\"type\":\"acked\"}}", "null", "7"})
    void whatMayBeMissedMakesEverybodyJoinAgain(String entry) {
        entries(entry);
        run();

        assertThat(edge.rejoins).isEqualTo(1);
    }

    @Test
    void aRepetitionThatCannotBeReadMakesNobodyJoinAgain() {
        entries(entry(3, message(1)));
        entries("{\"source\":\"0:2:0\",\"delivery\":{\"type\":\"dance\"}}");
        run();

        assertThat(edge.rejoins).isZero();
        assertThat(letters.history()).hasSize(1);
    }

    /** Each is an entry, or its JSON. */
    private void entries(Object... entries) {
        var json = Stream.of(entries).map(entry -> entry instanceof String text ? text : written(entry));
        append("edge-1", ("{\"v\":1,\"batch\":{\"edge\":\"edge-1\",\"incarnation\":1,\"entries\":["
                + json.collect(Collectors.joining(",")) + "]}}").getBytes(UTF_8));
    }

    private static String written(Object entry) {
        try {
            return Json.MAPPER.writeValueAsString(entry);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFloodOfPoisonMakesNoStorm() {
        for (var n = 0; n < 500; n++) append("edge-1", new byte[]{1});
        consumer.schedulePollTask(() -> {});
        consumer.schedulePollTask(() -> append("edge-1", new byte[]{2}));
        consumer.schedulePollTask(() -> {
            assertThat(edge.rejoins).isEqualTo(1);
            now += DeliveryLoop.RENEWAL.toNanos();
        });
        run();

        assertThat(edge.rejoins).isEqualTo(2); // for the one that came after the first
        assertThat(letters.history()).hasSize(501);
    }

    @Test
    void aDeliveryThatMakesUsFailCostsNoOther() {
        var failing = new Delivery.Acked(LOBBY, HOSTILE, "m1", 1, 5, false);
        append("edge-1", LogCodec.deliveries(new DeliveryBatch("edge-1", 1,
                List.of(entry(1, message(1)), entry(2, failing), entry(3, failing), entry(4, message(2))))));
        record("edge-1", 1, source(5), message(3));
        run();

        assertThat(ann.seqs()).containsExactly(1L, 2L, 3L);
        assertThat(edge.rejoins).isEqualTo(1);
        assertThat(letters.history()).hasSize(1);
        assertThat(header(letters.history().getFirst(), Topics.DEAD_LETTER_REASON)).contains("0:2:0").contains("a bug");
    }

    @Test
    void whatMayPassIsWaitedFor() {
        consumer.schedulePollTask(() -> consumer.setPollException(new TimeoutException("no answer")));
        record("edge-1", 1, source(1), message(1));
        run();

        assertThat(ann.seqs()).containsExactly(1L);
        assertThat(edge.rejoins).isZero();
    }

    @Test
    void anOutageWhileTheEndIsLookedForIsSurvived() {
        consumer.failures = 3;
        consumer.schedulePollTask(() -> {
            throw new OffsetOutOfRangeException("expired", Map.of(PARTITION, END));
        });
        run();

        assertThat(consumer.failures).isNegative();
        assertThat(identity.current().incarnation()).isEqualTo(2);
        assertThat(edge.rejoins).isEqualTo(1);
    }

    @Test
    void anEdgeGivenUpTakesItsNextIncarnationAndJoinsAgainOnce() {
        record("edge-1", 1, source(1), new Delivery.GivenUp(1));
        record("edge-1", 1, new Source(1, 4, 0), new Delivery.GivenUp(1)); // by another shard: it is that no longer
        run();

        assertThat(identity.current().incarnation()).isEqualTo(2);
        assertThat(edge.rejoins).isEqualTo(1);
    }

    @Test
    void ofAnOldIncarnationOnlyWhatBecameOfPostsIsTaken() {
        record("edge-1", 1, source(1), new Delivery.GivenUp(1));
        record("edge-1", 1, source(2), message(1));
        record("edge-1", 1, source(3), new Delivery.Acked(LOBBY, ann.id, "m1", 1, 5, false));
        record("edge-1", 1, source(4), new Delivery.Confirmed(LOBBY, ann.id, 1, "m1", ANN));
        record("edge-1", 1, source(5), new Delivery.Redeliver(LOBBY, 1, 1, ANN));
        record("edge-1", 1, source(6), new Delivery.Expired(LOBBY, ann.id, 2, "m2", List.of(ANN)));
        record("edge-1", 2, source(4), message(2));
        run();

        assertThat(ann.events()).startsWith("join_ack", "ack", "confirmed", "expired");
        assertThat(ann.of("ack").getFirst().get("id").textValue()).isEqualTo("m1");
    }

    @Test
    void redeliveriesComeWhenTheyAreDueAndMoveNothingOn() {
        record("edge-1", 1, source(5), message(1));
        record("edge-1", 1, source(3), new Delivery.Redeliver(LOBBY, 1, 1, ANN));
        record("edge-1", 1, source(3), new Delivery.Redeliver(LOBBY, 1, 1, ANN));
        record("edge-1", 1, source(9), new Delivery.Redeliver(LOBBY, 1, 1, ANN));
        record("edge-1", 1, source(6), message(2));
        run();

        assertThat(ann.seqs()).containsExactly(1L, 1L, 1L, 1L, 2L);
    }

    @Test
    void deliveriesThatExpiredUnreadMakeTheEdgeJoinAgain() {
        consumer.schedulePollTask(() -> {
            throw new OffsetOutOfRangeException("expired", Map.of(PARTITION, END));
        });
        run();

        assertThat(identity.current().incarnation()).isEqualTo(2);
        assertThat(edge.rejoins).isEqualTo(1);
    }

    @Test
    void aConsumerThatFailsEndsTheLoopLoudly() {
        consumer.schedulePollTask(() -> consumer.setPollException(new KafkaException("not authorized")));

        Assertions.assertThatThrownBy(loop::run).isInstanceOf(KafkaException.class);
    }

    private void run() {
        consumer.schedulePollTask(() -> {});
        consumer.schedulePollTask(loop::stop);
        loop.run();
    }

    private static Source source(long offset) {
        return new Source(0, offset, 0);
    }

    private void record(String to, long incarnation, Source source, Delivery delivery) {
        append(to, LogCodec
                .deliveries(new DeliveryBatch(to, incarnation, List.of(new DeliveryBatch.Entry(source, delivery)))));
    }

    private void append(@Nullable String key, byte[] value) {
        consumer.addRecord(
                new ConsumerRecord<>(TopicNames.PLAIN.deliveries(), 3, offset++,
                        key == null ? null : key.getBytes(UTF_8),
                        value));
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
