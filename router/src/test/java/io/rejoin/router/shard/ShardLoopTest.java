package io.rejoin.router.shard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.TopicNames;
import io.rejoin.router.checkpoint.CheckpointWriter;
import io.rejoin.router.checkpoint.StateTopic;
import io.rejoin.router.core.RedeliverySchedule;
import io.rejoin.router.core.Shard;
import io.rejoin.router.kafka.InFlightLimits;
import io.rejoin.router.kafka.OutputProducer;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.FakeStream;
import io.rejoin.router.link.Inlets;
import io.rejoin.router.link.ShardPushes;
import io.rejoin.router.liveness.EdgeWatch;
import io.rejoin.router.liveness.LogClock;
import io.rejoin.router.liveness.Peers;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class ShardLoopTest {
    private static final String JOIN = """
            {"type":"join","room":"default/r","user":"default/ann","connection":"c",\
            "edge":{"edge":"edge","incarnation":1,"partition":0},"request":1}""";
    private static final EdgeRef EDGE = new EdgeRef("edge", 1, 0);
    private static final int LARGE = 900_000;
    /** The limit of waiting bytes per shard. */
    private static final long MAX_WAITING_BYTES = 4L * LARGE;

    private final InFlightLimits inFlightLimits = new InFlightLimits(16 * MAX_WAITING_BYTES);
    private final CountDownLatch release = new CountDownLatch(1);
    private final MockProducer<byte[], byte[]> controlProducer = new MockProducer<>(true, null,
            new ByteArraySerializer(), new ByteArraySerializer());
    private final ShardChecks checks = checks(
            new EdgeWatch(new MockConsumer<>("none"), controlProducer, TopicNames.PLAIN, new LogClock(), new Peers(),
                    "1", "127.0.0.1:1", System::nanoTime),
            controlProducer);

    @AfterEach
    void releaseStuckProducers() {
        release.countDown();
    }

    @Test
    void aReleasedShardCommitsAllItProcessed() throws Exception {
        var checkpoints = producer();
        var loop = loop(0, producer(), checkpoints);
        loop.put(List.of(post(0), post(1)));
        await().atMost(TestLog.TIMEOUT).until(() -> loop.shard().nextOffset() == 2);
        loop.beginRelease();
        assertThat(loop.awaitReleased(System.nanoTime() + TestLog.TIMEOUT.toNanos())).isTrue();
        assertThat(checkpoints.commitCount()).isGreaterThan(0);
        assertThat(loop.shard().checkpointOffset()).isEqualTo(2);
        assertThat(checkpoints.closed()).isTrue();
    }

    /** Each stuck shard blocks in a send to a broker that does not answer. */
    @Test
    void stuckShardsDelayNeitherOthersNorTheRelease() throws Exception {
        var loops = IntStream.range(0, 12).mapToObj(n -> loop(n, new StuckProducer(), producer())).toList();
        var healthyLoop = loop(12, producer(), producer());
        var startedAt = System.nanoTime();
        loops.forEach(loop -> loop.put(List.of(post(0))));
        healthyLoop.put(List.of(post(0)));
        await().atMost(TestLog.TIMEOUT).until(() -> healthyLoop.shard().nextOffset() == 1);

        loops.forEach(ShardLoop::beginRelease);
        healthyLoop.beginRelease();
        var deadline = System.nanoTime() + Duration.ofMillis(300).toNanos();
        for (var loop : loops) assertThat(loop.awaitReleased(deadline)).isFalse();
        loops.forEach(ShardLoop::abandon);
        assertThat(healthyLoop.awaitReleased(System.nanoTime() + TestLog.TIMEOUT.toNanos())).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - startedAt)).isLessThan(TestLog.TIMEOUT);
        release.countDown();
        for (var loop : loops) assertThat(loop.awaitReleased(System.nanoTime() + TestLog.TIMEOUT.toNanos())).isTrue();
    }

    @Test
    void theNumberOfWaitingRecordsIsLimited() {
        var loop = loop(0, new StuckProducer(), producer());
        assertThat(loop.hasSpace()).isTrue();
        for (var offset = 0; offset <= 1_000; offset++) loop.put(List.of(post(offset)));
        assertThat(loop.hasSpace()).isFalse();
        loop.abandon();
    }

    @Test
    void theBytesOfWaitingRecordsAreLimited() {
        var loop = loop(0, new StuckProducer(), producer());
        var offset = 0;
        while (loop.hasSpace() && offset < 1_000) loop.put(List.of(post(offset++, LARGE)));
        // one that is being processed, and one beyond the limit
        assertThat((long) offset * LARGE).isLessThanOrEqualTo(MAX_WAITING_BYTES + 2L * LARGE);
        loop.abandon();
    }

    /** No send is acknowledged. */
    @Test
    void aShardThatWaitsForAcknowledgementsProcessesOnlyAPortion() throws Exception {
        var outputs = new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        var loop = loop(0, outputs, producer());
        assertThat(loop.hasSpace()).isTrue();
        var recordCount = (int) (3 * MAX_WAITING_BYTES / LARGE);
        loop.put(IntStream.range(0, recordCount).mapToObj(n -> post(n, LARGE)).toList());
        await().atMost(TestLog.TIMEOUT).until(() -> loop.shard().isFull());
        assertThat(loop.hasSpace()).isFalse();
        while (outputs.completeNext()) assertThat(outputs.closed()).isFalse();
        assertThat(loop.shard().nextOffset()).isLessThan(recordCount);
        await().atMost(TestLog.TIMEOUT).until(() -> {
            while (outputs.completeNext()) assertThat(outputs.closed()).isFalse();
            return loop.shard().nextOffset() == recordCount && loop.hasSpace();
        });
        loop.abandon();
    }

    @Test
    void recordsCountAsWaitingUntilTheyAreProcessed() {
        var loop = loop(0, new StuckProducer(), producer());
        loop.put(List.of(post(0)));
        loop.put(List.of(post(1), post(2)));
        assertThat(loop.waitingRecords()).isEqualTo(3);
        release.countDown();
        await().atMost(TestLog.TIMEOUT).until(() -> loop.waitingRecords() == 0);
        loop.abandon();
    }

    /** Only a checkpoint lets the shard continue. The checkpoint waits for edges, but not for long. */
    @Test
    void aSkippedCommandDoesNotMakeTheShardWaitForASlowEdge() {
        var streams = new EdgeStreams();
        var slow = new FakeStream(EDGE);
        streams.onOpened(slow);
        var poisonDetector = new PoisonDetector();
        for (var n = 0; n < PoisonDetector.MAX_FAILURES; n++)
            poisonDetector.add(new PoisonException(1, 0, new IllegalStateException()));

        var loop = ShardLoop.start(0, shard(producer(), producer(), streams), poisonDetector, checks, inFlightLimits);
        loop.put(List.of(record(0, JOIN), post(1), post(2)));

        await().atMost(TestLog.TIMEOUT).until(() -> loop.shard().checkpointOffset() == 3);
        assertThat(slow.deliveries()).isNotEmpty();
        loop.abandon();
    }

    private ShardLoop loop(int partition, MockProducer<byte[], byte[]> outputs,
            MockProducer<byte[], byte[]> checkpoints) {
        return ShardLoop.start(partition, shard(outputs, checkpoints, new EdgeStreams()), new PoisonDetector(), checks,
                inFlightLimits);
    }

    private OwnedShard shard(MockProducer<byte[], byte[]> outputs, MockProducer<byte[], byte[]> checkpoints,
            EdgeStreams streams) {
        var pushes = new ShardPushes(0, List.of(), inFlightLimits::bytesPerShard);
        var emitter = new Emitter(new OutputProducer(() -> outputs), TopicNames.PLAIN, 0, pushes, inFlightLimits,
                new RouterMeters(new SimpleMeterRegistry()));
        return new OwnedShard(0, new StateTopic.Restored(new Shard(0), 0, null), CommandReader.of(1), emitter,
                streams, pushes, new CheckpointWriter(checkpoints, TopicNames.PLAIN.state(), 0), Tracing.off());
    }

    private static ShardChecks checks(EdgeWatch watch, MockProducer<byte[], byte[]> controlProducer) {
        return new ShardChecks(watch, new LogClock(), new RedeliverySchedule(Duration.ofSeconds(5)),
                Duration.ofDays(30),
                controlProducer, TopicNames.PLAIN.commands(), new Inlets());
    }

    /** A producer whose broker does not answer; close blocks as well. */
    private final class StuckProducer extends MockProducer<byte[], byte[]> {
        StuckProducer() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record,
                Callback callback) {
            try {
                release.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            return super.send(record, callback);
        }
    }

    private static ConsumerRecord<byte[], byte[]> post(long offset) {
        return post(offset, 2);
    }

    private static ConsumerRecord<byte[], byte[]> post(long offset, int length) {
        return record(offset, """
                {"type":"post","room":"default/r","user":"default/ann","connection":"c",\
                "edge":{"edge":"edge","incarnation":1,"partition":0},"content":{"text":"%s"}}"""
                .formatted("x".repeat(length)));
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, String command) {
        var value = "{\"v\":1,\"commands\":[" + command + "]}";
        return new ConsumerRecord<>(TopicNames.PLAIN.commands(), 0, offset, new byte[0], value.getBytes(UTF_8));
    }

    private static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
