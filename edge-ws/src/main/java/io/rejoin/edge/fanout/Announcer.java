package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.LogCodec;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** Tells the routers, once a second, that this edge lives; and so learns whether Kafka can be reached. */
public final class Announcer implements Runnable {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration STALE = Duration.ofSeconds(5);

    private final Producer<byte[], byte[]> producer;
    private final EdgeIdentity identity;
    private final String address;
    private final IntSupplier connections;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile long lastAppended = System.nanoTime();

    public Announcer(Producer<byte[], byte[]> producer, EdgeIdentity identity, String address, IntSupplier connections) {
        this.producer = producer;
        this.identity = identity;
        this.address = address;
        this.connections = connections;
    }

    @Override
    public void run() {
        try (producer) {
            do {
                announce();
            } while (!stopped.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        stopped.countDown();
    }

    /** Whether Kafka took a heartbeat lately. */
    public boolean isHeard() {
        return System.nanoTime() - lastAppended < STALE.toNanos();
    }

    private void announce() {
        var edge = identity.current();
        var heartbeat = LogCodec.heartbeat(new EdgeHeartbeat(edge, address, connections.getAsInt()));
        try {
            producer.send(new ProducerRecord<>(Topics.EDGES, edge.edge().getBytes(UTF_8), heartbeat), (_, failure) -> {
                if (failure == null) lastAppended = System.nanoTime();
            });
        } catch (KafkaException _) {
            // the next one comes in a second; isHeard tells meanwhile
        }
    }
}
