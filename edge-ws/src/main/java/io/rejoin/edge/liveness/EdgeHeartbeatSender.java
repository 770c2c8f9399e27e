package io.rejoin.edge.liveness;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.resilience.Backoff;
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

/** Appends the heartbeats that tell routers that this edge is alive. Their success shows that Kafka is reachable. */
public final class EdgeHeartbeatSender implements Runnable, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EdgeHeartbeatSender.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /**
     * The interval while the edge has no connections. Such an edge has no members, so it loses nothing if a late
     * heartbeat makes routers give it up too early.
     */
    private static final Duration INTERVAL_WITHOUT_CONNECTIONS = Duration.ofSeconds(2);
    private static final Duration STALE_AFTER = Duration.ofSeconds(3);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final EdgeIdentity identity;
    private final Supplier<String> address;
    private final IntSupplier connections;
    private final Supplier<String> status;
    private final RandomGenerator random;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile long lastAppendedAt = System.nanoTime();
    private volatile @Nullable Exception lastFailure;

    /**
     * Connects to Kafka.
     *
     * @param address where the edge listens; only shown to people
     * @param status  the edge's health status, one word
     */
    public static EdgeHeartbeatSender open(KafkaAccess kafka, EdgeIdentity identity, Supplier<String> address,
            IntSupplier connections, Supplier<String> status, RandomGenerator random) {
        var settings = new HashMap<String, Object>();
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 1_000);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 4_000);
        return new EdgeHeartbeatSender(kafka.producer(settings), kafka.topics().edges(),
                identity, address, connections, status, random);
    }

    EdgeHeartbeatSender(Producer<byte[], byte[]> producer, String topic, EdgeIdentity identity,
            Supplier<String> address, IntSupplier connections, Supplier<String> status, RandomGenerator random) {
        this.producer = producer;
        this.topic = topic;
        this.identity = identity;
        this.address = address;
        this.connections = connections;
        this.status = status;
        this.random = random;
    }

    /**
     * Appends the first heartbeat, and waits until it is durable. Only then may the edge serve. Retriable errors, such
     * as a broker restart, are retried.
     *
     * @throws IllegalStateException if the heartbeat is not durable in that time, or the error is not retriable
     */
    public void sendFirst(Duration timeout) throws InterruptedException {
        var deadline = System.nanoTime() + timeout.toNanos();
        for (var n = 0;; n++) {
            var failure = trySend(deadline);
            if (failure == null) return;
            var pause = backoff.delay(n, random);
            if (!(failure instanceof RetriableException) || System.nanoTime() + pause.toNanos() - deadline >= 0)
                throw new IllegalStateException("cannot append the first heartbeat of the edge to " + topic
                        + ": check that the brokers run, and that this edge may write there", failure);
            log.atInfo().addKeyValue("reason", failure.toString()).log("waiting for Kafka to accept a first heartbeat");
            Thread.sleep(pause);
        }
    }

    /** The error of one append; null when the heartbeat is durable. */
    private @Nullable Exception trySend(long deadline) throws InterruptedException {
        try {
            producer.send(heartbeat()).get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            lastAppendedAt = System.nanoTime();
            return null;
        } catch (ExecutionException e) {
            return e.getCause() instanceof Exception cause ? cause : e;
        } catch (InterruptException _) {
            Thread.interrupted(); // Kafka's exception has set the flag again
            throw new InterruptedException("interrupted while appending the first heartbeat");
        } catch (TimeoutException | KafkaException e) {
            return e;
        }
    }

    @Override
    public void run() {
        try {
            while (!stopped.await(interval().toMillis(), TimeUnit.MILLISECONDS)) {
                sendNext();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration interval() {
        return connections.getAsInt() == 0 ? INTERVAL_WITHOUT_CONNECTIONS : INTERVAL;
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        stopped.countDown();
    }

    /** Closes the connections to Kafka. */
    @Override
    public void close() {
        producer.close(CLOSE_TIMEOUT);
    }

    /** Whether Kafka accepted a heartbeat in the last few seconds. */
    public boolean isKafkaReachable() {
        return System.nanoTime() - lastAppendedAt < STALE_AFTER.toNanos();
    }

    /** Describes a recent problem with Kafka; null if there is none. */
    public @Nullable String problem() {
        if (isKafkaReachable()) return null;
        var failure = lastFailure;
        return "kafka: Kafka accepts no heartbeat of this edge" + (failure == null ? "" : " (" + failure + ")")
                + ", so clients cannot join or post. Check the brokers (KAFKA_BOOTSTRAP_SERVERS)";
    }

    private void sendNext() {
        try {
            var _ = producer.send(heartbeat(), (_, failure) -> {
                lastFailure = failure;
                if (failure == null) lastAppendedAt = System.nanoTime();
            });
        } catch (KafkaException e) {
            lastFailure = e; // the next heartbeat is the retry; meanwhile problem() reports the failure
        }
    }

    private ProducerRecord<byte[], byte[]> heartbeat() {
        var edge = identity.current();
        return new ProducerRecord<>(topic, edge.edge().getBytes(UTF_8),
                LogCodec.heartbeat(new EdgeHeartbeat(edge, address.get(), connections.getAsInt(), status.get())));
    }
}
