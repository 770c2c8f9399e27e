package io.rejoin.history.ingest;

import io.rejoin.history.retry.Backoff;
import io.rejoin.history.store.Committed;
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
 * Reads {@code rejoin.events} into the store. A partition is either <em>placed</em>: its records are read and stored, from the
 * position this loop remembers; or <em>waiting</em>: it is paused until its position has been read from the database. A new
 * partition waits first, and whatever fails makes the partitions wait again: replay is the rollback, so that there is nothing
 * to undo, and a commit of unknown outcome needs no thought.
 *
 * <p>While PostgreSQL is away the loop keeps polling, paused, and so keeps its partitions: handing them to another instance
 * would not help, it has the same database.
 */
final class IngestLoop implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(IngestLoop.class);
    /** A poll ends as soon as something comes, or partitions do; it must end well within the lease, too. */
    private static final Duration LONGEST_POLL = Duration.ofMillis(1_500);
    private static final Duration POLL_WHILE_WAITING = Duration.ofMillis(20);
    private static final Duration CLOSE = Duration.ofSeconds(5);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final LagTools lagTools;
    private final Placer placer;
    private final BatchWriter writer;
    private final List<Committed> listeners;
    private final Pace pace;
    private final Duration lease;
    private final Duration poll;
    private final IngestMeters meters;
    private final RandomGenerator random;
    private final Tracing tracing;
    private volatile boolean stopping;

    // The rest belongs to the thread that runs the loop
    private final Map<Integer, Position> placed = new HashMap<>();
    private final Set<Integer> waiting = new TreeSet<>();
    private int failures;
    private long retryAt = System.nanoTime();
    private long polledAt = System.nanoTime();

    /** @param lease so long at least after the last poll no other instance takes a partition over */
    IngestLoop(Consumer<byte[], byte[]> consumer, String topic, Placer placer, BatchWriter writer,
            List<Committed> listeners, Pace pace,
            Duration lease, IngestMeters meters, RandomGenerator random, Tracing tracing) {
        this.consumer = consumer;
        this.topic = topic;
        this.lagTools = new LagTools(consumer, topic);
        this.placer = placer;
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
        } catch (RuntimeException e) { // WakeupException, or what a client says that was closed meanwhile
            if (!stopping) throw e;
            log.atDebug().addKeyValue("by", e).log("ingest stopped");
        } finally {
            consumer.close(CloseOptions.timeout(CLOSE));
        }
    }

    /** Makes {@link #run} return. Safe from any thread. */
    void stop() {
        stopping = true;
        consumer.wakeup();
        pace.end();
    }

    private void step() {
        try {
            var records = consumer.poll(waiting.isEmpty() ? poll : POLL_WHILE_WAITING);
            renew();
            if (!records.isEmpty()) ingest(records); // before others are placed, which these were not read for
            if (!waiting.isEmpty() && System.nanoTime() - retryAt >= 0) place();
            if (!records.isEmpty()) pace.rest(polledAt);
            lagTools.tell(placed.values());
            meters.look(consumer, topic, placed.keySet(), waiting.size());
        } catch (WakeupException e) {
            if (stopping) throw e; // else there are partitions to place
        } catch (OffsetOutOfRangeException e) {
            hold(e.partitions().stream().map(TopicPartition::partition).toList());
        } catch (StoreException.Unavailable | RetriableException e) {
            retryLater(e);
        } catch (BatchWriter.DisplacedException _) {
            log.atInfo().addKeyValue("partitions", placed.keySet())
                    .log("another instance has read on in a partition of ours; positions are read again");
            hold(placed.keySet());
        }
    }

    /**
     * After a long stop another instance may have read on, which only the database knows: it has said so of the partitions
     * just written, if it was the write that took long.
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
        for (var position : placer.place(consumer, waiting)) {
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
        if (failures > 0) log.atInfo().addKeyValue("failures", failures).log("ingest goes on");
        failures = 0;
    }

    private void retryLater(RuntimeException cause) {
        var delay = BACKOFF.delay(failures, random);
        meters.paused();
        log.atWarn().addKeyValue("failures", ++failures).addKeyValue("retry_in", delay).addKeyValue("cause", cause)
                .log("ingest pauses: PostgreSQL or Kafka does not answer; nothing is lost, it is read again later");
        retryAt = System.nanoTime() + delay.toNanos();
        hold(placed.keySet());
    }

    private void hold(Collection<Integer> partitions) {
        var paused = List.copyOf(partitions);
        consumer.pause(paused.stream().map(this::partition).toList());
        for (var partition : paused) release(partition);
        waiting.addAll(paused);
    }

    /** Whoever stores into it next, what is known of it here is not all. */
    private void release(int partition) {
        placed.remove(partition);
        for (var listener : listeners) listener.released(partition);
    }

    private TopicPartition partition(int partition) {
        return new TopicPartition(topic, partition);
    }

    /** Called within {@code poll}, by the loop's own thread. */
    private final class Assignment implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            if (partitions.isEmpty()) return;
            // Any position will do while it is paused; without one Kafka's committed offset would be taken
            for (var partition : partitions) consumer.seek(partition, 0);
            hold(partitions.stream().map(TopicPartition::partition).toList());
            log.atInfo().addKeyValue("partitions", partitions).log("partitions taken over");
            consumer.wakeup(); // the poll would go on: they are paused, so nothing comes of them
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            for (var gone : partitions) {
                release(gone.partition());
                waiting.remove(gone.partition());
            }
            if (!partitions.isEmpty()) log.atInfo().addKeyValue("partitions", partitions).log("partitions given up");
        }
    }
}
