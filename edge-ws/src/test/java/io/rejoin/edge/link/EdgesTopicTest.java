package io.rejoin.edge.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.EdgeOrder;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.RouterBeat;
import io.rejoin.edge.fanout.EmptyEdge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EdgesTopicTest {
    private static final TopicPartition PARTITION = new TopicPartition(TopicNames.PLAIN.edges(), 0);
    private static final long END = 100;
    private static final Duration LONG = Duration.ofSeconds(30);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();
    private final Routers routers = new Routers(new EmptyEdge(1).streamFrames(), null, new Random(1), System::nanoTime,
            fatal::add);
    private final List<EdgeOrder.Action> orders = new CopyOnWriteArrayList<>();
    private final List<String> evacuations = new ArrayList<>();
    private final EdgesTopic topic;
    private long offset = END;
    /** One shard has no stream, so the topic is read without pause. */
    private volatile int uncoveredShards = 1;
    private long now = 1;

    EdgesTopicTest() {
        consumer.updateEndOffsets(Map.of(PARTITION, END));
        topic = new EdgesTopic(consumer, TopicNames.PLAIN.edges(), "edge-1", routers,
                new Evacuation("edge-1", () -> uncoveredShards, () -> evacuations.add("all"), () -> {}, () -> now),
                order -> orders.add(order.action()), LONG.multipliedBy(10), new Random(1));
    }

    @AfterEach
    void end() {
        routers.close();
        assertThat(fatal).isEmpty();
    }

    @Test
    void readingBeginsAtTheEndOfTheTopic() {
        assertThat(consumer.position(PARTITION)).isEqualTo(END);
    }

    /** An invalid address fails at once and shows in {@link Routers#problem()}, so the test sees each router. */
    @Test
    void routersAreFoundByTheirBeats() {
        beat("r1", "here");
        beat("r2", "there");
        run();

        await().atMost(LONG).untilAsserted(() -> assertThat(routers.problem()).contains("the router at here: ",
                "the router at there: "));
    }

    @Test
    void aBeatWithoutAnAddressIsIgnored() {
        append(RouterBeat.key("r1"), null, null);
        run();

        assertThat(routers.problem()).contains("No router announces itself");
    }

    @Test
    void recordsForOthersAreSkipped() {
        append(null, new byte[0], "here");
        append("edge-1", LogCodec.heartbeat(new EdgeHeartbeat(new EdgeRef("edge-1", 1, 0), "here:1", 1, "ok")), "here");
        append("edge-2", null, "here");
        append(EdgeOrder.key("edge-2"), "{".getBytes(UTF_8), null);
        run();

        assertThat(routers.problem()).contains("No router announces itself");
        assertThat(orders).isEmpty();
    }

    @Test
    void ordersToThisEdgeAreHandledInOrder() {
        order("edge-1", "edge-1", EdgeOrder.Action.DRAIN);
        order("edge-2", "edge-2", EdgeOrder.Action.DRAIN);
        order("edge-1", "edge-2", EdgeOrder.Action.DRAIN);
        append(EdgeOrder.key("edge-1"), null, null); // a tombstone, as for compaction
        order("edge-1", "edge-1", EdgeOrder.Action.SERVE);
        run();

        assertThat(orders).containsExactly(EdgeOrder.Action.DRAIN, EdgeOrder.Action.SERVE);
    }

    @Test
    void clientsAreEvacuatedOnceAnotherEdgeIsHealthy() {
        consumer.schedulePollTask(() -> now += Evacuation.EVACUATE_AFTER.toNanos() + 1);
        consumer.schedulePollTask(() -> append("edge-2", "{".getBytes(UTF_8), null));
        consumer.schedulePollTask(() -> append("edge-2",
                LogCodec.heartbeat(new EdgeHeartbeat(new EdgeRef("edge-2", 1, 0), "there:1", 1, "ok")), null));
        consumer.schedulePollTask(() -> now += Evacuation.EVACUATE_AFTER.toNanos() + 1);
        consumer.schedulePollTask(() -> append("edge-2",
                LogCodec.heartbeat(new EdgeHeartbeat(new EdgeRef("edge-2", 1, 0), "there:1", 1, "ok")), null));
        run();

        assertThat(evacuations).containsExactly("all");
    }

    @Test
    void readingPausesWhileAllShardsAreCovered() throws InterruptedException {
        uncoveredShards = 0;
        var reads = new AtomicInteger();
        for (var n = 0; n < 100; n++) consumer.schedulePollTask(reads::incrementAndGet);
        var reading = Thread.ofVirtual().start(topic);
        await().atMost(LONG).until(() -> reading.getState() == Thread.State.TIMED_WAITING && reads.get() == 2);

        order("edge-1", "edge-1", EdgeOrder.Action.DRAIN);
        topic.readNow();
        await().atMost(LONG).untilAsserted(() -> assertThat(orders).containsExactly(EdgeOrder.Action.DRAIN));
        await().atMost(LONG).until(() -> reads.get() == 4);

        topic.stop();
        assertThat(reading.join(LONG)).isTrue();
    }

    @Test
    void anOrderThatCannotBeReadIsSkipped() {
        append(EdgeOrder.key("edge-1"),
                "{\"v\":1,\"order\":{\"edge\":\"edge-1\",\"action\":\"DANCE\"}}".getBytes(UTF_8), null);
        append(EdgeOrder.key("edge-1"), "{".getBytes(UTF_8), null);
        order("edge-1", "edge-1", EdgeOrder.Action.SERVE);
        run();

        assertThat(orders).containsExactly(EdgeOrder.Action.SERVE);
    }

    @Test
    void aRetriableErrorIsRetried() {
        consumer.schedulePollTask(() -> consumer.setPollException(new TimeoutException("no answer")));
        order("edge-1", "edge-1", EdgeOrder.Action.SERVE);
        run();

        assertThat(orders).containsExactly(EdgeOrder.Action.SERVE);
    }

    @Test
    void afterExpiredRecordsReadingContinuesAtTheEnd() {
        consumer.schedulePollTask(() -> {
            consumer.updateEndOffsets(Map.of(PARTITION, END + 50));
            throw new OffsetOutOfRangeException("expired", Map.of(PARTITION, END));
        });
        consumer.schedulePollTask(() -> {
            offset = END + 50;
            order("edge-1", "edge-1", EdgeOrder.Action.SERVE);
        });
        run();

        assertThat(orders).containsExactly(EdgeOrder.Action.SERVE);
        assertThat(consumer.position(PARTITION)).isEqualTo(END + 51);
    }

    @Test
    void aFatalConsumerErrorEndsTheLoop() {
        consumer.schedulePollTask(() -> consumer.setPollException(new KafkaException("not authorized")));

        assertThatThrownBy(topic::run).isInstanceOf(KafkaException.class);
    }

    private void run() {
        consumer.schedulePollTask(() -> {});
        consumer.schedulePollTask(topic::stop);
        topic.run();
    }

    private void order(String key, String edge, EdgeOrder.Action action) {
        append(EdgeOrder.key(key), LogCodec.order(new EdgeOrder(edge, action)), null);
    }

    private void beat(String router, String address) {
        append(RouterBeat.key(router), null, address);
    }

    private void append(@Nullable String key, byte @Nullable [] value, @Nullable String link) {
        var headers = new RecordHeaders();
        if (link != null) headers.add(RouterBeat.LINK, link.getBytes(UTF_8));
        consumer.addRecord(new ConsumerRecord<>(PARTITION.topic(), 0, offset++, 0, TimestampType.CREATE_TIME, 0, 0,
                key == null ? null : key.getBytes(UTF_8), value, headers, Optional.empty()));
    }
}
