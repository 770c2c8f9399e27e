package io.rejoin.history.ingest;

import io.rejoin.history.retry.Backoff;
import io.rejoin.history.store.IngestListener;
import io.rejoin.history.store.Position;
import io.rejoin.history.store.StoreException;
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
 * Reads {@code rejoin.events} into the store. A partition is either <em>placed</em> or <em>waiting</em>. The loop reads
 * and stores the records of a placed partition, from the position that it keeps in memory. A waiting partition is
 * paused until its position has been read from the database. A new partition starts as waiting. After any failure, the
 * placed partitions become waiting again. The records are then read again from the stored position: so the loop never
 * has to undo anything, and a commit with an unknown outcome is no special case.
 *
 * <p>While PostgreSQL is unavailable, the loop keeps polling its paused partitions and so keeps their assignment.
 * Another instance could not do better, because it uses the same database.
 */
final class IngestLoop implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(IngestLoop.class);
    /** A poll ends as soon as records arrive or the assignment changes. It must end well within the lease, too. */
    private static final Duration LONGEST_POLL = Duration.ofMillis(1_500);
    private static final Duration POLL_WHILE_WAITING = Duration.ofMillis(20);
    private static final Duration CLOSE = Duration.ofSeconds(5);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final OffsetReporter lagTools;
    private final PositionResolver resolver;
    private final BatchWriter writer;
    private final List<IngestListener> listeners;
    private final Pace pace;
    private final Duration lease;
    private final Duration poll;
    private final IngestMeters meters;
    private final RandomGenerator random;
    private final Tracing tracing;
    private volatile boolean stopping;

    // Only the thread that runs the loop uses the fields below
    private final Map<Integer, Position> placed = new HashMap<>();
    private final Set<Integer> waiting = new TreeSet<>();
    private int failures;
    private long retryAt = System.nanoTime();
    private long polledAt = System.nanoTime();

    /** @param lease the least time after the last poll in which no other instance takes over a partition */
    IngestLoop(Consumer<byte[], byte[]> consumer, String topic, PositionResolver resolver, BatchWriter writer,
            List<IngestListener> listeners, Pace pace,
            Duration lease, IngestMeters meters, RandomGenerator random, Tracing tracing) {
        this.consumer = consumer;
        this.topic = topic;
        this.lagTools = new OffsetReporter(consumer, topic);
        this.resolver = resolver;
        this.writer = writer;
        this.listeners = List.copyOf(listeners);
        this.pace = pace;
        this.lease = lease;
        this.poll = Collections.min(List.of(LONGEST_POLL, lease.dividedBy(2)));
        this.meters = meters;
        this.random = random;
        this.tracing = tracing;
    }

    @Override
    public void run() {
        try {
            consumer.subscribe(List.of(topic), new Assignment());
            while (!stopping) step();
        } catch (RuntimeException e) { // WakeupException, or the failure of a client that was closed meanwhile
            if (!stopping) throw e;
            log.atDebug().addKeyValue("by", e).log("ingest stopped");
        } finally {
            consumer.close(CloseOptions.timeout(CLOSE));
        }
    }

    /** Makes {@link #run} return. Safe for any thread. */
    void stop() {
        stopping = true;
        consumer.wakeup();
        pace.end();
    }

    private void step() {
        try {
            var records = consumer.poll(waiting.isEmpty() ? poll : POLL_WHILE_WAITING);
            renew();
            if (!records.isEmpty()) ingest(records); // before placing: records belong to partitions placed before
            if (!waiting.isEmpty() && System.nanoTime() - retryAt >= 0) place();
            if (!records.isEmpty()) pace.rest(polledAt);
            lagTools.tell(placed.values());
            meters.look(consumer, topic, placed.keySet(), waiting.size());
        } catch (WakeupException e) {
            if (stopping) throw e; // else the wakeup came from a new assignment: its partitions must be placed
        } catch (OffsetOutOfRangeException e) {
            hold(e.partitions().stream().map(TopicPartition::partition).toList());
        } catch (StoreException.Unavailable | RetriableException e) {
            retryLater(e);
        } catch (BatchWriter.DisplacedException _) {
            log.atInfo().addKeyValue("partitions", placed.keySet())
                    .log("another instance has moved a position; history reads its positions again");
            hold(placed.keySet());
        }
    }

    /**
     * Renews the lease. If the last poll is longer ago than the lease, another instance may have taken over partitions.
     * Only the database knows their positions then, so the partitions must wait for their position.
     *
     * <p>A partition stays placed if a write within the last lease has proved that this instance still owned it. A slow
     * write is often the reason why the poll was late, and such a write proves the ownership near its end.
     */
    private void renew() {
        var now = System.nanoTime();
        if (now - polledAt > lease.toNanos()) {
            hold(placed.keySet().stream().filter(partition -> !writer.owned(partition, lease)).toList());
        }
        polledAt = now;
        for (var listener : listeners) listener.reading();
    }

    private void place() {
        for (var position : resolver.place(consumer, waiting)) {
            var partition = partition(position.partition());
            consumer.seek(partition, position.next());
            consumer.resume(List.of(partition));
            placed.put(position.partition(), position);
            waiting.remove(position.partition());
        }
    }

    private void ingest(ConsumerRecords<byte[], byte[]> records) throws BatchWriter.DisplacedException {
        var batches = new ArrayList<PartitionBatch>();
        for (var partition : records.partitions()) {
            var position = placed.get(partition.partition());
            if (position != null) batches.add(PartitionBatch.of(position, records.records(partition)));
        }
        if (batches.isEmpty()) return;
        var traced = Traced.of(tracing, batches);
        try {
            for (var position : writer.write(batches)) placed.put(position.partition(), position);
            traced.written();
        } finally {
            traced.failed();
        }
        if (failures > 0) log.atInfo().addKeyValue("failures", failures).log("ingest continues");
        failures = 0;
    }

    private void retryLater(RuntimeException cause) {
        var delay = BACKOFF.delay(failures, random);
        meters.paused();
        log.atWarn().addKeyValue("failures", ++failures).addKeyValue("retry_in", delay).addKeyValue("cause", cause)
                .log("ingest pauses: PostgreSQL or Kafka does not answer; no message is lost, history retries");
        retryAt = System.nanoTime() + delay.toNanos();
        hold(placed.keySet());
    }

    private void hold(Collection<Integer> partitions) {
        var paused = List.copyOf(partitions);
        consumer.pause(paused.stream().map(this::partition).toList());
        for (var partition : paused) release(partition);
        waiting.addAll(paused);
    }

    /**
     * Forgets the partition's position and announces the release: another instance may store into the partition from
     * now on.
     */
    private void release(int partition) {
        placed.remove(partition);
        for (var listener : listeners) listener.released(partition);
    }

    private TopicPartition partition(int partition) {
        return new TopicPartition(topic, partition);
    }

    /** Reacts to a new assignment. The consumer calls it within {@code poll}, on the loop's thread. */
    private final class Assignment implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            if (partitions.isEmpty()) return;
            // Any position will do while the partition is paused. Without one, the consumer would use Kafka's committed
            // offset
            for (var partition : partitions) consumer.seek(partition, 0);
            hold(partitions.stream().map(TopicPartition::partition).toList());
            log.atInfo().addKeyValue("partitions", partitions).log("partitions taken over");
            consumer.wakeup(); // ends the poll: paused partitions return no records
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            for (var gone : partitions) {
                release(gone.partition());
                waiting.remove(gone.partition());
            }
            if (!partitions.isEmpty()) log.atInfo().addKeyValue("partitions", partitions).log("partitions released");
        }
    }
}
