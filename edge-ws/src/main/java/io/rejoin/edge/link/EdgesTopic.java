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

/** Reads {@code rejoin.edges} from now on: where routers are, how other edges are, and what operators ask of this one. */
public final class EdgesTopic implements Runnable, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EdgesTopic.class);
    /**
     * So long a rest is between two reads while a stream brings each shard: only a change of them has to be heard of at once, and
     * it ends a stream first. Without one for some shard, it is read all the time.
     */
    static final Duration REST = Duration.ofSeconds(3);
    private static final Duration POLL = Duration.ofMillis(500);
    /** More than a poll brings where little is said: more may be there. */
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
    /** There is a permit when it has to be read now. */
    private final Semaphore wanted = new Semaphore(0);
    private int failures;

    /**
     * Connects.
     *
     * @param edge   the id of this one
     * @param orders what an operator asks of this edge; called by the loop, which must not wait
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

    /** Takes the end of the topic as its position: what is said after this is heard. Blocks. */
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

    /** Nothing comes of some shard any more: who brings it next may be told of there. Returns at once. Safe from any thread. */
    public void readNow() {
        wanted.release();
    }

    /** Lets go of the connections. Only when {@link #run} does not run, or no longer. */
    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE));
    }

    /** What its consumer counts of itself. Safe for any thread. */
    public Map<MetricName, ? extends Metric> kafkaNumbers() {
        return consumer.metrics();
    }

    /** Whatever may pass is waited for; all else, a right that is missing for instance, ends the loop and with it the edge. */
    private void step() throws InterruptedException {
        var hasRead = false;
        try {
            read();
            failures = 0;
            hasRead = true;
        } catch (InvalidOffsetException _) {
            consumer.seekToEnd(List.of(partition)); // routers say it all the time
        } catch (RetriableException e) {
            var delay = backoff.delay(failures++, random);
            log.atWarn().addKeyValue("failures", failures).addKeyValue("cause", e)
                    .log("it cannot be read where routers are; the edge goes on trying");
            var _ = stopped.await(delay.toMillis(), TimeUnit.MILLISECONDS);
        }
        routers.look();
        evacuation.look();
        if (hasRead && !evacuation.isDark()) {
            var _ = wanted.tryAcquire(rest.toNanos(), TimeUnit.NANOSECONDS);
        }
        wanted.drainPermits();
    }

    /** Kafka's consumer asks ahead: what a first poll brings was asked for when the last rest began. */
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
            // routers keep it as a dead letter
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
                    .log("an order to this edge cannot be read; skipped");
        }
    }
}
