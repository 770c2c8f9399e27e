package io.rejoin.history.ingest;

import io.rejoin.history.store.IngestListener;
import io.rejoin.history.store.Position;
import io.rejoin.history.store.StoreException;
import io.rejoin.resilience.Backoff;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code rejoin.events} into the store. A partition is in the state <em>reading</em> or <em>waiting</em>, as in
 * the metrics. The loop reads and stores the records of a reading partition, from the position that it keeps in memory.
 * A waiting partition is paused until its position has been read from the database. A new partition starts as waiting.
 * After any failure, the reading partitions become waiting again. The records are then read again from the stored
 * position: so the loop never has to undo anything, and a commit with an unknown outcome is no special case.
 *
 * <p>While PostgreSQL is unavailable, the loop keeps polling its paused partitions and so keeps their assignment.
 * Another instance could not do better, because it uses the same database.
 */
final class IngestLoop implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(IngestLoop.class);
    /** A poll ends as soon as records arrive or the assignment changes. It must end well within the lease, too. */
    private static final Duration MAX_POLL_TIMEOUT = Duration.ofMillis(1_500);
    private static final Duration POLL_TIMEOUT_WHILE_WAITING = Duration.ofMillis(20);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final IngestOffsetReporter offsetReporter;
    private final PositionResolver resolver;
    private final BatchWriter writer;
    private final List<IngestListener> listeners;
    private final PollThrottle pollThrottle;
    private final Duration lease;
    private final Duration pollTimeout;
    private final IngestMeters meters;
    private final RandomGenerator random;
    private final Tracing tracing;
    private volatile boolean isStopping;

    // Only the thread that runs the loop uses the fields below
    private final Map<Integer, Position> readingPositions = new HashMap<>();
    private final Set<Integer> waitingPartitions = new TreeSet<>();
    private int failures;
    private long retryAt = System.nanoTime();
    private long polledAt = System.nanoTime();

    /** @param lease the least time after the last poll in which no other instance takes over a partition */
    IngestLoop(Consumer<byte[], byte[]> consumer, String topic, PositionResolver resolver, BatchWriter writer,
            List<IngestListener> listeners, PollThrottle pollThrottle,
            Duration lease, IngestMeters meters, RandomGenerator random, Tracing tracing) {
        this.consumer = consumer;
        this.topic = topic;
        this.offsetReporter = new IngestOffsetReporter(consumer, topic);
        this.resolver = resolver;
        this.writer = writer;
        this.listeners = List.copyOf(listeners);
        this.pollThrottle = pollThrottle;
        this.lease = lease;
        this.pollTimeout = Collections.min(List.of(MAX_POLL_TIMEOUT, lease.dividedBy(2)));
        this.meters = meters;
        this.random = random;
        this.tracing = tracing;
    }

    @Override
    public void run() {
        try {
            consumer.subscribe(List.of(topic), new RebalanceListener());
            while (!isStopping) pollOnce();
        } catch (RuntimeException e) { // WakeupException, or the failure of a client that was closed meanwhile
            if (!isStopping) throw e;
            log.atDebug().addKeyValue("by", e).log("ingest stopped");
        } finally {
            consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
        }
    }

    /** Makes {@link #run} return. Safe for any thread. */
    void stop() {
        isStopping = true;
        consumer.wakeup();
        pollThrottle.stop();
    }

    private void pollOnce() {
        try {
            var records = consumer.poll(waitingPartitions.isEmpty() ? pollTimeout : POLL_TIMEOUT_WHILE_WAITING);
            renewLease();
            // First, because the records belong to partitions that were reading before
            if (!records.isEmpty()) ingest(records);
            if (!waitingPartitions.isEmpty() && System.nanoTime() - retryAt >= 0) readWaitingPositions();
            if (!records.isEmpty()) pollThrottle.awaitInterval(polledAt);
            offsetReporter.report(readingPositions.values());
            meters.update(consumer, topic, readingPositions.keySet(), waitingPartitions.size());
        } catch (WakeupException e) {
            if (isStopping) throw e; // else the wakeup came from a new assignment: its positions must be read
        } catch (OffsetOutOfRangeException e) {
            pausePartitions(e.partitions().stream().map(TopicPartition::partition).toList());
        } catch (StoreException.Unavailable | RetriableException e) {
            retryLater(e);
        } catch (BatchWriter.PositionMovedException _) {
            log.atInfo().addKeyValue("partitions", readingPositions.keySet())
                    .log("another instance has moved a position; history reads its positions again");
            pausePartitions(readingPositions.keySet());
        }
    }

    /**
     * Renews the lease. If the last poll is longer ago than the lease, another instance may have taken over partitions.
     * Only the database knows their positions then, so the partitions must wait for their position.
     *
     * <p>A partition stays reading if a write within the last lease has proved that this instance still owned it. A
     * slow write is often the reason why the poll was late, and such a write proves the ownership near its end.
     */
    private void renewLease() {
        var now = System.nanoTime();
        if (now - polledAt > lease.toNanos()) {
            pausePartitions(readingPositions.keySet().stream()
                    .filter(partition -> !writer.wasOwnedWithin(partition, lease)).toList());
        }
        polledAt = now;
        for (var listener : listeners) listener.onPolled();
    }

    private void readWaitingPositions() {
        for (var position : resolver.resolve(consumer, waitingPartitions)) {
            var partition = partition(position.partition());
            consumer.seek(partition, position.nextOffset());
            consumer.resume(List.of(partition));
            readingPositions.put(position.partition(), position);
            waitingPartitions.remove(position.partition());
        }
    }

    private void ingest(ConsumerRecords<byte[], byte[]> records) throws BatchWriter.PositionMovedException {
        var batches = new ArrayList<PartitionBatch>();
        for (var partition : records.partitions()) {
            var position = readingPositions.get(partition.partition());
            if (position != null) batches.add(PartitionBatch.of(position, records.records(partition)));
        }
        if (batches.isEmpty()) return;
        var traceSteps = IngestTraceSteps.begin(tracing, batches);
        try {
            for (var position : writer.write(batches)) readingPositions.put(position.partition(), position);
            traceSteps.endAsWritten();
        } finally {
            traceSteps.endAsFailed();
        }
        if (failures > 0) log.atInfo().addKeyValue("failures", failures).log("ingest continues");
        failures = 0;
    }

    private void retryLater(RuntimeException cause) {
        var delay = BACKOFF.delay(failures, random);
        meters.countPause();
        log.atWarn().addKeyValue("failures", ++failures).addKeyValue("retry_in", delay).addKeyValue("cause", cause)
                .log("ingest pauses: PostgreSQL or Kafka does not answer; no message is lost, history retries");
        retryAt = System.nanoTime() + delay.toNanos();
        pausePartitions(readingPositions.keySet());
    }

    private void pausePartitions(Collection<Integer> partitions) {
        var paused = List.copyOf(partitions);
        consumer.pause(paused.stream().map(this::partition).toList());
        for (var partition : paused) release(partition);
        waitingPartitions.addAll(paused);
    }

    /**
     * Forgets the partition's position and announces the release: another instance may store into the partition from
     * now on.
     */
    private void release(int partition) {
        readingPositions.remove(partition);
        for (var listener : listeners) listener.onReleased(partition);
    }

    private TopicPartition partition(int partition) {
        return new TopicPartition(topic, partition);
    }

    /** Reacts to a new assignment. The consumer calls it within {@code poll}, on the loop's thread. */
    private final class RebalanceListener implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            if (partitions.isEmpty()) return;
            // Any position will do while the partition is paused. Without one, the consumer would use Kafka's committed
            // offset
            for (var partition : partitions) consumer.seek(partition, 0);
            pausePartitions(partitions.stream().map(TopicPartition::partition).toList());
            log.atInfo().addKeyValue("partitions", partitions).log("partitions taken over");
            consumer.wakeup(); // ends the poll: paused partitions return no records
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            for (var revoked : partitions) {
                release(revoked.partition());
                waitingPartitions.remove(revoked.partition());
            }
            if (!partitions.isEmpty()) log.atInfo().addKeyValue("partitions", partitions).log("partitions released");
        }
    }
}
