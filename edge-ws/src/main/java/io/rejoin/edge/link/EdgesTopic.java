package io.rejoin.edge.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.log.EdgeOrder;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.contracts.log.RouterBeat;
import io.rejoin.edge.fanout.Backoff;
import io.rejoin.kafka.KafkaAccess;
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
    static final Duration REST = Duration.ofSeconds(3);
    private static final Duration POLL = Duration.ofMillis(500);
    /** After a poll with more records than this, more may be in the topic. */
    private static final int MANY = 100;
    private static final Duration FIRST_POSITION = Duration.ofSeconds(30);
    private static final Duration CLOSE = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final String edge;
    private final Routers routers;
    private final Evacuation evacuation;
    private final java.util.function.Consumer<EdgeOrder> orders;
    private final Duration rest;
    private final RandomGenerator random;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));
    private final CountDownLatch stopped = new CountDownLatch(1);
    /** Has a permit when the topic has to be read now. */
    private final Semaphore wanted = new Semaphore(0);
    private int failures;

    /**
     * Connects to Kafka.
     *
     * @param edge   the id of this edge
     * @param orders takes an operator's orders to this edge; called by the reading thread, so it must not block
     */
    public static EdgesTopic open(KafkaAccess kafka, String edge, Routers routers, Evacuation evacuation,
            java.util.function.Consumer<EdgeOrder> orders, RandomGenerator random) {
        return new EdgesTopic(kafka.consumer(Map.of()), kafka.topics().edges(), edge, routers, evacuation, orders, REST,
                random);
    }

    EdgesTopic(Consumer<byte[], byte[]> consumer, String topic, String edge, Routers routers, Evacuation evacuation,
            java.util.function.Consumer<EdgeOrder> orders, Duration rest, RandomGenerator random) {
        this.consumer = consumer;
        this.partition = new TopicPartition(topic, 0);
        this.edge = edge;
        this.routers = routers;
        this.evacuation = evacuation;
        this.orders = orders;
        this.rest = rest;
        this.random = random;
        consumer.assign(List.of(partition));
        consumer.seekToEnd(List.of(partition));
    }

    /** Sets the position to the end of the topic: all later records are read. Blocks. */
    public void begin() {
        consumer.position(partition, FIRST_POSITION);
    }

    @Override
    public void run() {
        try {
            while (stopped.getCount() > 0) step();
        } catch (WakeupException _) {
            log.debug("stopped");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        stopped.countDown();
        wanted.release();
        consumer.wakeup();
    }

    /** Ends the pause: a shard has lost its stream, and the topic may have its next router. Safe from any thread. */
    public void readNow() {
        wanted.release();
    }

    /** Closes the connections to Kafka. Call it only while {@link #run} does not run. */
    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE));
    }

    /** The metrics of the Kafka consumer. Safe for any thread. */
    public Map<MetricName, ? extends Metric> kafkaNumbers() {
        return consumer.metrics();
    }

    /**
     * Reads once, then pauses. Retries a retriable error. Any other error, such as a missing permission, ends the loop
     * and so the edge.
     */
    private void step() throws InterruptedException {
        var hasRead = false;
        try {
            read();
            failures = 0;
            hasRead = true;
        } catch (InvalidOffsetException _) {
            consumer.seekToEnd(List.of(partition)); // nothing is lost: routers repeat their records all the time
        } catch (RetriableException e) {
            var delay = backoff.delay(failures++, random);
            log.atWarn().addKeyValue("failures", failures).addKeyValue("cause", e)
                    .log("cannot read the topic of edges, so new routers stay unknown; the edge keeps trying");
            var _ = stopped.await(delay.toMillis(), TimeUnit.MILLISECONDS);
        }
        routers.look();
        evacuation.look();
        if (hasRead && !evacuation.isDark()) {
            var _ = wanted.tryAcquire(rest.toNanos(), TimeUnit.NANOSECONDS);
        }
        wanted.drainPermits();
    }

    /** Polls at least twice: Kafka's consumer prefetches, so the first poll returns records from before the pause. */
    private void read() {
        var count = 0;
        for (var polls = 0; polls < 2 || count > MANY; polls++) {
            var records = consumer.poll(POLL);
            count = records.count();
            for (var record : records) take(record);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) return;
        var key = new String(record.key(), UTF_8);
        var router = RouterBeat.router(key);
        if (router != null) hear(router, record);
        else if (record.value() == null) return;
        else if (key.equals(EdgeOrder.key(edge))) obey(record);
        else if (!EdgeOrder.isKey(key) && evacuation.isNewsWanted()) hearEdge(record);
    }

    private void hearEdge(ConsumerRecord<byte[], byte[]> record) {
        try {
            evacuation.heard(LogCodec.heartbeat(record.value()));
        } catch (MalformedRecordException _) {
            // routers write it to the dead letters
        }
    }

    private void hear(String router, ConsumerRecord<byte[], byte[]> record) {
        var link = record.headers().lastHeader(RouterBeat.LINK);
        if (link != null && link.value() != null) routers.heard(router, new String(link.value(), UTF_8));
    }

    private void obey(ConsumerRecord<byte[], byte[]> record) {
        try {
            var order = LogCodec.order(record.value());
            if (order.edge().equals(edge)) orders.accept(order);
        } catch (MalformedRecordException e) {
            log.atWarn().addKeyValue("offset", record.offset()).addKeyValue("reason", e.getMessage())
                    .log("the edge cannot read an order of an operator, and skips it");
        }
    }
}
