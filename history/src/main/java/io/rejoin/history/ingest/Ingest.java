package io.rejoin.history.ingest;

import io.rejoin.contracts.env.StartupResources;
import io.rejoin.history.store.IngestListener;
import io.rejoin.history.store.MessageStore;
import io.rejoin.history.store.PositionStore;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.tracing.Tracing;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/** The running ingest: reads {@code rejoin.events} into the store, with a loop on a thread of its own. */
public final class Ingest implements AutoCloseable {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    /**
     * Settings of the Kafka consumer.
     *
     * @param sessionTimeout time without heartbeats after which other instances take over the partitions
     */
    public record ConsumerSettings(KafkaAccess kafka, Duration sessionTimeout) {
        /**
         * How long after a poll this instance still owns its partitions: half of the session timeout. The other half is
         * longer than the interval of the heartbeats.
         */
        public Duration lease() {
            return sessionTimeout.dividedBy(2);
        }
    }

    private final EventDeadLetterWriter deadLetterWriter;
    private final PollThrottle pollThrottle;
    private final IngestLoop loop;
    private final Thread thread;
    private final Consumer<byte[], byte[]> consumer;

    /**
     * Starts to read.
     *
     * @param listeners  called after each commit, in this order and on the ingest's thread
     * @param hasWaiters whether a reader waits for new messages; called on any thread
     * @param fatal      called with the failure that ended the loop, unless {@link #close} ended the loop
     */
    public Ingest(ConsumerSettings settings, MessageStore store, PositionStore positionStore, EventsTopic topic,
            List<IngestListener> listeners, BooleanSupplier hasWaiters, IngestMeters meters, Tracing tracing,
            java.util.function.Consumer<Throwable> fatal) {
        var topics = settings.kafka().topics();
        this.pollThrottle = new PollThrottle(hasWaiters);
        try (var resources = new StartupResources()) {
            this.deadLetterWriter = resources.add(new EventDeadLetterWriter(
                    KafkaClients.deadLetterProducer(settings.kafka()), topics.deadLetters(), meters));
            var allListeners = new ArrayList<>(listeners);
            allListeners.add(meters);
            var writer = new BatchWriter(store, deadLetterWriter, allListeners, meters);
            this.consumer = resources.add(KafkaClients.consumer(settings.kafka(), settings.sessionTimeout()));
            this.loop = new IngestLoop(consumer, topics.events(), new PositionResolver(positionStore, topic, meters),
                    writer, allListeners, pollThrottle, settings.lease(), meters, new SecureRandom(), tracing);
            resources.keep();
        }
        this.thread = Thread.ofPlatform().name("ingest").uncaughtExceptionHandler((_, cause) -> fatal.accept(cause))
                .start(loop);
    }

    /** A reader has begun to wait: shortens the wait before the next poll. Safe for any thread. */
    public void shortenWait() {
        pollThrottle.shortenWait();
    }

    /** The metrics of its Kafka consumer. Safe for any thread. */
    public Map<MetricName, ? extends Metric> kafkaMetrics() {
        return consumer.metrics();
    }

    /**
     * Stores the records of the running batch and leaves the consumer group, within a bound.
     *
     * @throws IllegalStateException if that does not end in time
     */
    @Override
    public void close() {
        loop.stop();
        var hasEnded = false;
        try {
            hasEnded = thread.join(STOP_TIMEOUT);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        deadLetterWriter.close();
        if (!hasEnded)
            throw new IllegalStateException(
                    "ingest did not end in time; the next instance reads its unstored records again");
    }
}
