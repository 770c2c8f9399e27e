package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.log.EdgeOrder;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.tracing.Step;
import io.rejoin.tracing.TraceHeaders;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads this edge's partition of {@code rejoin.deliveries}, from now on: whoever is behind reads history instead. */
public final class DeliveryLoop implements Runnable, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DeliveryLoop.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration CLOSE = Duration.ofSeconds(1);
    private static final Duration FIRST_POSITION = Duration.ofSeconds(30);
    private static final Duration POSITION = Duration.ofSeconds(2);
    /** The edge takes a new incarnation for doubts of its own no more often than this, however many records are poison. */
    static final Duration RENEWAL = Duration.ofSeconds(10);

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final EdgeIdentity identity;
    private final Deliveries deliveries;
    private final java.util.function.Consumer<EdgeOrder> orders;
    private final DeadLetters deadLetters;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;
    private final Tracing tracing;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));
    private final CountDownLatch stopped = new CountDownLatch(1);
    private boolean isLost;
    private boolean isInDoubt;
    private boolean hasRenewed;
    private long renewedAt;
    private int failures;

    /**
     * Connects.
     *
     * @param orders what an operator asks of this edge; called by the loop, which must not wait
     */
    public static DeliveryLoop open(KafkaAccess kafka, EdgeIdentity identity, FanOut fanOut, Receivers receivers,
            java.util.function.Consumer<EdgeOrder> orders, DeadLetters deadLetters, RandomGenerator random,
            Tracing tracing) {
        var settings = new HashMap<String, Object>();
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
        return new DeliveryLoop(
                kafka.consumer(settings), kafka.topics().deliveries(), identity,
                fanOut, receivers, orders, deadLetters, random, System::nanoTime, tracing);
    }

    DeliveryLoop(Consumer<byte[], byte[]> consumer, String topic, EdgeIdentity identity, FanOut fanOut,
            Receivers receivers, java.util.function.Consumer<EdgeOrder> orders, DeadLetters deadLetters,
            RandomGenerator random, LongSupplier nanoTime, Tracing tracing) {
        this.consumer = consumer;
        this.partition = new TopicPartition(topic, identity.current().partition());
        this.identity = identity;
        this.deliveries = new Deliveries(identity, fanOut, receivers);
        this.orders = orders;
        this.deadLetters = deadLetters;
        this.random = random;
        this.nanoTime = nanoTime;
        this.tracing = tracing;
    }

    /** Takes the end of the partition as its position; only after that may the edge announce itself. */
    public void begin() {
        consumer.assign(List.of(partition));
        seekToEnd(FIRST_POSITION);
    }

    @Override
    public void run() {
        try {
            while (stopped.getCount() > 0) step();
        } catch (WakeupException _) {
            log.debug("deliveries stopped");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        stopped.countDown();
        consumer.wakeup();
    }

    /** Lets go of the connections. Only when {@link #run} does not run, or no longer. */
    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE));
    }

    /** Whatever may pass is waited for; all else, a right that is missing for instance, ends the loop and with it the edge. */
    private void step() throws InterruptedException {
        try {
            if (isLost) find();
            for (var record : consumer.poll(POLL)) take(record);
            if (isInDoubt && mayRenew()) renew();
            failures = 0;
        } catch (InvalidOffsetException e) {
            log.atWarn().addKeyValue("partition", partition.partition()).addKeyValue("cause", e)
                    .log("deliveries expired before they were read: joining all members again");
            isLost = true;
        } catch (RetriableException e) {
            var delay = backoff.delay(failures++, random);
            log.atWarn().addKeyValue("failures", failures).addKeyValue("cause", e)
                    .log("deliveries cannot be read; the edge goes on trying");
            var _ = stopped.await(delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** What its consumer counts of itself. Safe for any thread. */
    public Map<MetricName, ? extends Metric> kafkaNumbers() {
        return consumer.metrics();
    }

    private void find() {
        seekToEnd(POSITION);
        isLost = false;
        renew();
    }

    private void seekToEnd(Duration atMost) {
        consumer.seekToEnd(List.of(partition));
        consumer.position(partition, atMost); // seekToEnd alone is lazy
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) return;
        var own = identity.current().edge();
        var key = new String(record.key(), UTF_8);
        if (key.equals(own)) takeDeliveries(record, own);
        else if (key.equals(EdgeOrder.key(own))) takeOrder(record, own);
    }

    private void takeDeliveries(ConsumerRecord<byte[], byte[]> record, String own) {
        try {
            var read = LogCodec.deliveryRecord(record.value());
            if (!read.edge().equals(own)) return;
            var trouble = deliveries.take(read, steps(record));
            if (trouble != null) setAside(record, trouble);
        } catch (MalformedRecordException e) {
            setAside(record, new Deliveries.Trouble(String.valueOf(e.getMessage()), null, true));
        }
    }

    /** Nobody waits for one: so what cannot be read is put aside, and that is all. */
    private void takeOrder(ConsumerRecord<byte[], byte[]> record, String own) {
        try {
            var order = LogCodec.order(record.value());
            if (order.edge().equals(own)) orders.accept(order);
        } catch (MalformedRecordException e) {
            setAside(record, new Deliveries.Trouble(String.valueOf(e.getMessage()), null, false));
        }
    }

    private IntFunction<Step> steps(ConsumerRecord<byte[], byte[]> record) {
        var contexts = TraceHeaders.ofEntries(record.headers());
        if (contexts.isEmpty()) return _ -> Step.NONE;
        return index -> tracing.receive("process " + record.topic(), contexts.get(index))
                .from(record.topic(), record.partition(), record.offset());
    }

    /** Where nobody knows what was in it, or who waits for that, everybody joins again, and whatever is missing shows. */
    private void setAside(ConsumerRecord<byte[], byte[]> record, Deliveries.Trouble trouble) {
        deadLetters.put(record, trouble.reason(), trouble.cause(), trouble.isInDoubt());
        isInDoubt |= trouble.isInDoubt();
    }

    private boolean mayRenew() {
        return !hasRenewed || nanoTime.getAsLong() - renewedAt >= RENEWAL.toNanos();
    }

    private void renew() {
        isInDoubt = false;
        hasRenewed = true;
        renewedAt = nanoTime.getAsLong();
        deliveries.renew();
    }
}
