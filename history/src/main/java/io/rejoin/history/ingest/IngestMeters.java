package io.rejoin.history.ingest;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.rejoin.history.store.IngestListener;
import io.rejoin.history.store.MessageRow;
import io.rejoin.metrics.BrokenInvariants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Metrics of the ingest, from the topic into the database. Only the ingest loop's thread updates them; any thread may
 * read them.
 */
public final class IngestMeters implements IngestListener {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final Counter storedMessages;
    private final DistributionSummary batches;
    private final Counter deadLetters;
    private final Counter pauses;
    private final BrokenInvariants<HistoryInvariant> invariants;
    private final MultiGauge lags;
    private Map<Integer, Long> shownLags = Map.of();
    private volatile int readingPartitionCount;
    private volatile int waitingPartitionCount;
    private long updatedAt = System.nanoTime() - INTERVAL.toNanos();

    public IngestMeters(MeterRegistry registry) {
        storedMessages = Counter.builder("rejoin.history.stored").baseUnit("messages").description("Stored messages")
                .register(registry);
        batches = DistributionSummary.builder("rejoin.history.batch").baseUnit("messages")
                .serviceLevelObjectives(1, 10, 100, 500, 1_000, 5_000)
                .description("New messages of a partition in one stored batch").register(registry);
        deadLetters = Counter.builder("rejoin.history.dead.letters").baseUnit("letters")
                .description("Records written to the dead letters").register(registry);
        pauses = Counter.builder("rejoin.history.pauses").baseUnit("pauses")
                .description("Pauses of ingest because PostgreSQL or Kafka did not answer").register(registry);
        invariants = new BrokenInvariants<>(registry, "history", HistoryInvariant.class);
        lags = MultiGauge.builder("rejoin.history.lag").baseUnit("records")
                .description("Records of the events topic that are not stored yet").register(registry);
        Gauge.builder("rejoin.history.partitions", () -> readingPartitionCount).baseUnit("partitions")
                .tag("state", "reading")
                .description("Partitions of this instance: reading, or waiting to read their position from PostgreSQL")
                .register(registry);
        Gauge.builder("rejoin.history.partitions", () -> waitingPartitionCount).baseUnit("partitions")
                .tag("state", "waiting")
                .description("Partitions of this instance: reading, or waiting to read their position from PostgreSQL")
                .register(registry);
    }

    @Override
    public void onStored(int partition, List<MessageRow> rows) {
        if (rows.isEmpty()) return;
        storedMessages.increment(rows.size());
        batches.record(rows.size());
    }

    @Override
    public void onReleased(int partition) {} // nothing to do: update() counts the partitions, once a second

    void countDeadLetters(int records) {
        deadLetters.increment(records);
    }

    void countPause() {
        pauses.increment();
    }

    /** Counts violations of an invariant. */
    void countViolations(HistoryInvariant invariant, int times) {
        invariants.count(invariant, times);
    }

    /** Updates the gauges of lag and partitions, at most once per second. Makes no request to Kafka. */
    void update(Consumer<?, ?> consumer, String topic, Set<Integer> readingPartitions, int waitingCount) {
        if (System.nanoTime() - updatedAt < INTERVAL.toNanos()) return;
        updatedAt = System.nanoTime();
        readingPartitionCount = readingPartitions.size();
        waitingPartitionCount = waitingCount;
        var currentLags = new TreeMap<Integer, Long>();
        for (var partition : readingPartitions)
            consumer.currentLag(new TopicPartition(topic, partition)).ifPresent(lag -> currentLags.put(partition, lag));
        if (currentLags.equals(shownLags)) return; // no lag has changed
        shownLags = currentLags;
        var rows = new ArrayList<MultiGauge.Row<?>>();
        currentLags.forEach((partition, lag) -> rows
                .add(MultiGauge.Row.of(Tags.of("partition", Integer.toString(partition)), lag)));
        lags.register(rows, true);
    }
}
