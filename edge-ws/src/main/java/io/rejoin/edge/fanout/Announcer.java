package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.kafka.KafkaAccess;
import java.time.Duration;
import java.util.HashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the routers, all the time, that this edge lives; and so learns whether Kafka can be reached. */
public final class Announcer implements Runnable, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Announcer.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /** With nobody connected: given up too early, it loses nothing. */
    private static final Duration INTERVAL_EMPTY = Duration.ofSeconds(2);
    private static final Duration STALE = Duration.ofSeconds(3);
    private static final Duration CLOSE = Duration.ofSeconds(1);

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final EdgeIdentity identity;
    private final Supplier<String> address;
    private final IntSupplier connections;
    private final Supplier<String> status;
    private final RandomGenerator random;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile long lastAppended = System.nanoTime();
    private volatile @Nullable Exception lastFailure;

    /**
     * Connects.
     *
     * @param address where the edge listens, for people
     * @param status  how it is, in a word
     */
    public static Announcer open(KafkaAccess kafka, EdgeIdentity identity, Supplier<String> address,
            IntSupplier connections, Supplier<String> status, RandomGenerator random) {
        var settings = new HashMap<String, Object>();
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 1_000);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 4_000);
        return new Announcer(kafka.producer(settings), kafka.topics().edges(),
                identity, address, connections, status, random);
    }

    Announcer(Producer<byte[], byte[]> producer, String topic, EdgeIdentity identity, Supplier<String> address,
            IntSupplier connections, Supplier<String> status, RandomGenerator random) {
        this.producer = producer;
        this.topic = topic;
        this.identity = identity;
        this.address = address;
        this.connections = connections;
        this.status = status;
        this.random = random;
    }

    /**
     * Announces the edge for the first time, and waits until that is durable; only then may it serve. What may pass, such as a
     * broker that restarts, is waited for.
     *
     * @throws IllegalStateException if it is not durable in that time, or cannot be
     */
    public void announceFirst(Duration atMost) throws InterruptedException {
        var until = System.nanoTime() + atMost.toNanos();
        for (var n = 0;; n++) {
            var failure = attempt(until);
            if (failure == null) return;
            var pause = backoff.delay(n, random);
            if (!(failure instanceof RetriableException) || System.nanoTime() + pause.toNanos() - until >= 0)
                throw new IllegalStateException("the edge's first heartbeat cannot be appended to " + topic
                        + ": are Kafka's brokers up, and may this edge write there?", failure);
            log.atInfo().addKeyValue("reason", failure.toString()).log("waiting for Kafka to take the first heartbeat");
            Thread.sleep(pause);
        }
    }

    /** What the append failed with; null when it is durable. */
    private @Nullable Exception attempt(long until) throws InterruptedException {
        try {
            producer.send(heartbeat()).get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
            lastAppended = System.nanoTime();
            return null;
        } catch (ExecutionException e) {
            return e.getCause() instanceof Exception cause ? cause : e;
        } catch (InterruptException _) {
            Thread.interrupted(); // it was set again
            throw new InterruptedException("interrupted while appending the first heartbeat");
        } catch (TimeoutException | KafkaException e) {
            return e;
        }
    }

    @Override
    public void run() {
        try {
            while (!stopped.await(interval().toMillis(), TimeUnit.MILLISECONDS)) {
                announce();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration interval() {
        return connections.getAsInt() == 0 ? INTERVAL_EMPTY : INTERVAL;
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        stopped.countDown();
    }

    /** Lets go of the connections. */
    @Override
    public void close() {
        producer.close(CLOSE);
    }

    /** Whether Kafka took a heartbeat lately. */
    public boolean isHeard() {
        return System.nanoTime() - lastAppended < STALE.toNanos();
    }

    /** What is wrong with Kafka, as of lately; null when nothing is. */
    public @Nullable String problem() {
        if (isHeard()) return null;
        var failure = lastFailure;
        return "kafka: no heartbeat was taken for some seconds" + (failure == null ? "" : " (" + failure + ")")
                + ", so nothing can be joined or posted. Check the brokers (KAFKA_BOOTSTRAP_SERVERS)";
    }

    private void announce() {
        try {
            var _ = producer.send(heartbeat(), (_, failure) -> {
                lastFailure = failure;
                if (failure == null) lastAppended = System.nanoTime();
            });
        } catch (KafkaException e) {
            lastFailure = e; // the next one comes soon; problem() tells meanwhile
        }
    }

    private ProducerRecord<byte[], byte[]> heartbeat() {
        var edge = identity.current();
        return new ProducerRecord<>(topic, edge.edge().getBytes(UTF_8),
                LogCodec.heartbeat(new EdgeHeartbeat(edge, address.get(), connections.getAsInt(), status.get())));
    }
}
