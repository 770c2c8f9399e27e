package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.LogCodec;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the routers, once a second, that this edge lives; and so learns whether Kafka can be reached. */
public final class Announcer implements Runnable, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Announcer.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration STALE = Duration.ofSeconds(5);
    private static final Duration CLOSE = Duration.ofSeconds(1);

    private final Producer<byte[], byte[]> producer;
    private final EdgeIdentity identity;
    private final Supplier<String> address;
    private final IntSupplier connections;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile long lastAppended = System.nanoTime();

    /**
     * Connects.
     *
     * @param address where the edge listens, for people
     */
    public static Announcer open(String bootstrapServers, EdgeIdentity identity, Supplier<String> address,
            IntSupplier connections) {
        var settings = new Properties();
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 1_000);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 4_000);
        settings.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
        return new Announcer(new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()),
                identity,
                address, connections);
    }

    Announcer(Producer<byte[], byte[]> producer, EdgeIdentity identity, Supplier<String> address,
            IntSupplier connections) {
        this.producer = producer;
        this.identity = identity;
        this.address = address;
        this.connections = connections;
    }

    /** Announces the edge for the first time, and waits until that is durable; only then may it serve. */
    public void announceFirst(Duration atMost) throws InterruptedException {
        try {
            producer.send(heartbeat()).get(atMost.toMillis(), TimeUnit.MILLISECONDS);
            lastAppended = System.nanoTime();
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new IllegalStateException("the edge's first heartbeat cannot be appended to " + Topics.EDGES
                    + ": are Kafka's brokers up, and may this edge write there?", e);
        }
    }

    @Override
    public void run() {
        var wasHeard = true;
        try {
            while (!stopped.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                announce();
                var isHeard = isHeard();
                if (isHeard != wasHeard) tell(isHeard);
                wasHeard = isHeard;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
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

    private static void tell(boolean isHeard) {
        if (isHeard) log.info("Kafka takes heartbeats again: all goes on");
        else
            log.atWarn().addKeyValue("silence", STALE)
                    .log("Kafka takes no heartbeat: nothing can be joined or posted until it does; the edge goes on trying");
    }

    private void announce() {
        try {
            var _ = producer.send(heartbeat(), (_, failure) -> {
                if (failure == null) lastAppended = System.nanoTime();
            });
        } catch (KafkaException _) {
            // the next one comes in a second; isHeard tells meanwhile
        }
    }

    private ProducerRecord<byte[], byte[]> heartbeat() {
        var edge = identity.current();
        return new ProducerRecord<>(Topics.EDGES, edge.edge().getBytes(UTF_8),
                LogCodec.heartbeat(new EdgeHeartbeat(edge, address.get(), connections.getAsInt())));
    }
}
