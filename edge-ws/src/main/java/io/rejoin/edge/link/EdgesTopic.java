package io.rejoin.edge.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.log.EdgeOrder;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.contracts.log.RouterBeat;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.resilience.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topic {@code rejoin.edges} from its end on. The topic has the addresses of routers, the health of other
 * edges, and the orders of operators to this edge.
 */
public final class EdgesTopic implements Runnable, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EdgesTopic.class);
    /**
     * The pause between two reads while every shard has a stream. Only a change of routers is urgent, and it ends a
     * stream first, which ends the pause. While a shard has no stream, there is no pause.
     */
    static final Duration PAUSE = Duration.ofSeconds(3);
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(500);
    /** After a poll with more records than this, more may be in the topic. */
    private static final int MANY_RECORDS = 100;
    private static final Duration POSITION_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final String edge;
    private final Routers routers;
    private final Evacuation evacuation;
    private final java.util.function.Consumer<EdgeOrder> orderHandler;
    private final Duration pause;
    private final RandomGenerator random;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));
    private final CountDownLatch stopped = new CountDownLatch(1);
    /** Has a permit when the topic has to be read now. */
    private final Semaphore readRequests = new Semaphore(0);
    private int failures;

    /**
     * Connects to Kafka.
     *
     * @param edge         the id of this edge
     * @param orderHandler handles an operator's orders to this edge; called by the reading thread, so it must not block
     */
    public static EdgesTopic open(KafkaAccess kafka, String edge, Routers routers, Evacuation evacuation,
            java.util.function.Consumer<EdgeOrder> orderHandler, RandomGenerator random) {
        return new EdgesTopic(kafka.consumer(Map.of()), kafka.topics().edges(), edge, routers, evacuation,
                orderHandler, PAUSE, random);
    }

    EdgesTopic(Consumer<byte[], byte[]> consumer, String topic, String edge, Routers routers, Evacuation evacuation,
            java.util.function.Consumer<EdgeOrder> orderHandler, Duration pause, RandomGenerator random) {
        this.consumer = consumer;
        this.partition = new TopicPartition(topic, 0);
        this.edge = edge;
        this.routers = routers;
        this.evacuation = evacuation;
        this.orderHandler = orderHandler;
        this.pause = pause;
        this.random = random;
        consumer.assign(List.of(partition));
        consumer.seekToEnd(List.of(partition));
    }

    /** Sets the position to the end of the topic: all later records are read. Blocks. */
    public void awaitStartPosition() {
        consumer.position(partition, POSITION_TIMEOUT);
    }

    @Override
    public void run() {
        try {
            while (stopped.getCount() > 0) readAndPause();
        } catch (WakeupException _) {
            log.debug("stopped");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        stopped.countDown();
        readRequests.release();
        consumer.wakeup();
    }

    /** Ends the pause: a shard has lost its stream, and the topic may have its next router. Safe from any thread. */
    public void readNow() {
        readRequests.release();
    }

    /** Closes the connections to Kafka. Call it only while {@link #run} does not run. */
    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
    }

    /** The metrics of the Kafka consumer. Safe for any thread. */
    public Map<MetricName, ? extends Metric> kafkaMetrics() {
        return consumer.metrics();
    }

    /**
     * Reads once, then pauses. Retries a retriable error. Any other error, such as a missing permission, ends the loop
     * and so the edge.
     */
    private void readAndPause() throws InterruptedException {
        var isRead = false;
        try {
            read();
            failures = 0;
            isRead = true;
        } catch (InvalidOffsetException _) {
            consumer.seekToEnd(List.of(partition)); // nothing is lost: routers repeat their records all the time
        } catch (RetriableException e) {
            var delay = backoff.delay(failures++, random);
            log.atWarn().addKeyValue("failures", failures).addKeyValue("cause", e)
                    .log("cannot read the topic of edges, so new routers stay unknown; the edge keeps trying");
            var _ = stopped.await(delay.toMillis(), TimeUnit.MILLISECONDS);
        }
        routers.removeStale();
        evacuation.update();
        if (isRead && !evacuation.hasUncoveredShards()) {
            var _ = readRequests.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS);
        }
        readRequests.drainPermits();
    }

    /** Polls at least twice: Kafka's consumer prefetches, so the first poll returns records from before the pause. */
    private void read() {
        var count = 0;
        for (var polls = 0; polls < 2 || count > MANY_RECORDS; polls++) {
            var records = consumer.poll(POLL_TIMEOUT);
            count = records.count();
            for (var record : records) handle(record);
        }
    }

    private void handle(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) return;
        var key = new String(record.key(), UTF_8);
        var router = RouterBeat.router(key);
        if (router != null) onRouterBeat(router, record);
        else if (record.value() == null) return;
        else if (key.equals(EdgeOrder.key(edge))) onOrder(record);
        else if (!EdgeOrder.isKey(key) && evacuation.needsHeartbeat()) onEdgeHeartbeat(record);
    }

    private void onEdgeHeartbeat(ConsumerRecord<byte[], byte[]> record) {
        try {
            evacuation.onHeartbeat(LogCodec.heartbeat(record.value()));
        } catch (MalformedRecordException _) {
            // routers write it to the dead letters
        }
    }

    private void onRouterBeat(String router, ConsumerRecord<byte[], byte[]> record) {
        var link = record.headers().lastHeader(RouterBeat.LINK);
        if (link != null && link.value() != null) routers.onBeat(router, new String(link.value(), UTF_8));
    }

    private void onOrder(ConsumerRecord<byte[], byte[]> record) {
        try {
            var order = LogCodec.order(record.value());
            if (order.edge().equals(edge)) orderHandler.accept(order);
        } catch (MalformedRecordException e) {
            log.atWarn().addKeyValue("offset", record.offset()).addKeyValue("reason", e.getMessage())
                    .log("the edge cannot read an order of an operator, and skips it");
        }
    }
}
