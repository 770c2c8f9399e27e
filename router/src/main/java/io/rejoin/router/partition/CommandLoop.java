package io.rejoin.router.partition;

import static org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation.LEAVE_GROUP;

import io.rejoin.contracts.env.StartupResources;
import io.rejoin.router.core.RedeliverySchedule;
import io.rejoin.router.kafka.InFlightLimits;
import io.rejoin.router.kafka.KafkaClients;
import io.rejoin.router.kafka.OffsetReporter;
import io.rejoin.router.kafka.OutputProducer;
import io.rejoin.router.kafka.SheddingAssignor;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.Inlets;
import io.rejoin.router.liveness.EdgeWatch;
import io.rejoin.router.liveness.LogClock;
import io.rejoin.router.liveness.RecentEdges;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.router.metrics.ShardStatus;
import io.rejoin.router.shard.CommandReader;
import io.rejoin.router.shard.CountingReader;
import io.rejoin.router.shard.ShardChecks;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the partitions of the command log that are assigned to this router, and passes their records to their shards.
 * Each shard runs on its own thread. A partition is paused while its shard is being taken over or has too much in
 * flight; the others go on. This thread blocks only for Kafka's group protocol, and for a moment when shards are
 * released.
 */
public final class CommandLoop implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(CommandLoop.class);
    /** The longest poll while a shard is being taken over or has no room, so that its state is checked soon. */
    private static final Duration MAX_POLL = Duration.ofMillis(50);
    private static final Duration MAX_POLL_STEADY = Duration.ofSeconds(1);
    /** The longest poll while edges announce their records, to check soon whether an announcement is missing. */
    private static final Duration MAX_POLL_ANNOUNCED = Duration.ofMillis(100);
    private static final Duration TICK_INTERVAL = Duration.ofSeconds(1);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    /** The time limit to release all shards when the router stops. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
    private static final int UNKNOWN_GENERATION = -1;
    /** The time limit to release shards in a rebalance. Meanwhile the other shards get no records. */
    private static final Duration REBALANCE_TIMEOUT = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final Producer<byte[], byte[]> controlProducer;
    private final OutputProducer outputProducer;
    private final String topic;
    private final ShardLimiter shardLimiter;
    private final RouterMeters meters;
    private final PartitionSlot.Shared shared;
    private final OffsetReporter offsetReporter;
    private final Map<Integer, PartitionSlot> slots = new HashMap<>();
    private long lastTickAt = System.nanoTime();
    /** The group's generation when {@link #runOnce} last checked. */
    private volatile int generation = UNKNOWN_GENERATION;
    /**
     * The generation in which this router removed another router from the group; {@link #UNKNOWN_GENERATION} if it
     * removed none. This generation has to end with a rebalance.
     */
    private final AtomicInteger endedGeneration = new AtomicInteger(UNKNOWN_GENERATION);
    private volatile boolean isStopped;
    private volatile List<ShardStatus> shardStatuses = List.of();

    /**
     * Connects to Kafka.
     *
     * @param id          of this router in the group, unique
     * @param streams     over which shards send deliveries to edges
     * @param inlets      through which edges announce commands
     * @param schedule    redelivery schedule of messages that are not confirmed
     * @param forgetAfter log time after which an unused room is forgotten
     * @param partitions  of the command log
     * @param resources   owns the clients until {@link #run} starts and closes them itself
     */
    public CommandLoop(KafkaClients clients, String id, EdgeStreams streams, Inlets inlets, EdgeWatch edgeWatch,
            LogClock clock, RedeliverySchedule schedule, Duration forgetAfter, int partitions, RandomGenerator random,
            RouterMeters meters, Tracing tracing, StartupResources resources) {
        this(clients, id, streams, inlets, edgeWatch, clock, schedule, forgetAfter, CommandReader.of(partitions),
                new ShardLimiter(), random, meters, tracing, resources);
    }

    CommandLoop(KafkaClients clients, String id, EdgeStreams streams, Inlets inlets, EdgeWatch edgeWatch,
            LogClock clock, RedeliverySchedule schedule, Duration forgetAfter, CommandReader reader,
            ShardLimiter shardLimiter, RandomGenerator random, RouterMeters meters, Tracing tracing,
            StartupResources resources) {
        this.topic = clients.topics().commands();
        this.shardLimiter = shardLimiter;
        this.consumer = resources.add(clients.commandConsumer(id, shardLimiter::limit));
        this.offsetReporter = new OffsetReporter(consumer);
        this.controlProducer = resources.add(clients.controlProducer());
        this.meters = meters;
        var inFlightLimits = new InFlightLimits();
        this.outputProducer = new OutputProducer(() -> clients.outputProducer(inFlightLimits));
        this.shared = new PartitionSlot.Shared(clients, outputProducer, streams, inlets,
                new CountingReader(reader, meters), new RecentEdges(clients),
                new ShardChecks(edgeWatch, clock, schedule, forgetAfter, controlProducer, topic, inlets),
                inFlightLimits, random, meters, tracing);
    }

    @Override
    public void run() {
        consumer.subscribe(List.of(topic), new RebalanceListener());
        try {
            while (!isStopped) runOnce();
            PartitionSlot.release(slots.values(), STOP_TIMEOUT);
            slots.clear();
            log.debug("commands stopped");
        } finally {
            slots.values().forEach(PartitionSlot::abandon);
            outputProducer.close();
            controlProducer.close(Duration.ZERO);
            consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT).withGroupMembershipOperation(LEAVE_GROUP));
        }
    }

    /** Makes {@link #run} return after its shards are released. Safe from any thread. */
    public void stop() {
        isStopped = true;
        consumer.wakeup();
    }

    /**
     * Requests a rebalance at once after another router was removed, instead of at the next heartbeat. Safe from any
     * thread.
     */
    public void onRouterRemoved() {
        endedGeneration.set(generation);
        consumer.wakeup();
    }

    private void runOnce() {
        shared.inFlightLimits().divideAmong(slots.size());
        rebalanceIfGenerationEnded();
        poll();
        slots.values().forEach(PartitionSlot::doDueWork);
        if (System.nanoTime() - lastTickAt < TICK_INTERVAL.toNanos()) return;
        lastTickAt = System.nanoTime();
        if (shardLimiter.update(slots.size(), lastTickAt)) rebalanceForMemory();
        offsetReporter.report(checkpointOffsets());
        shardStatuses = slots.values().stream().map(PartitionSlot::status).toList();
        meters.showShards(shardStatuses);
    }

    /** Requests the rebalance, unless a heartbeat has started one already. */
    private void rebalanceIfGenerationEnded() {
        generation = consumer.groupMetadata().generationId();
        var ended = endedGeneration.getAndSet(UNKNOWN_GENERATION);
        if (ended != UNKNOWN_GENERATION && ended == generation)
            consumer.enforceRebalance("a router was removed from the group");
    }

    /** Requests a rebalance because this router's limit has changed. */
    private void rebalanceForMemory() {
        if (shardLimiter.limit() != SheddingAssignor.NO_LIMIT) meters.countShed();
        consumer.enforceRebalance("memory");
    }

    /** The status of this router's shards, about a second old. Safe from any thread. */
    public List<ShardStatus> shards() {
        return shardStatuses;
    }

    /** The metrics of the Kafka consumer of commands. Safe from any thread. */
    public Map<MetricName, ? extends Metric> kafkaMetrics() {
        return consumer.metrics();
    }

    /** This router's memory problem and its remedy; null if there is none. Safe from any thread. */
    public @Nullable String memoryProblem() {
        return shardLimiter.memoryProblem();
    }

    private void poll() {
        try {
            var records = consumer.poll(pollTimeout());
            for (var partition : records.partitions()) {
                var slot = slots.get(partition.partition());
                if (slot != null) slot.onFetched(records.records(partition));
            }
        } catch (WakeupException _) {
            log.debug("woken");
        } catch (InvalidOffsetException e) { // the records at the position have expired, or the topic was created again
            for (var partition : e.partitions()) {
                var slot = slots.get(partition.partition());
                if (slot != null) slot.fail(e);
            }
        }
    }

    private Duration pollTimeout() {
        var isSteady = true;
        for (var slot : slots.values()) {
            if (slot.areRecordsAnnounced()) return MAX_POLL_ANNOUNCED;
            isSteady &= slot.isFetching();
        }
        return isSteady ? MAX_POLL_STEADY : MAX_POLL;
    }

    private Map<TopicPartition, OffsetAndMetadata> checkpointOffsets() {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (var slot : slots.values())
            slot.checkpointOffset().ifPresent(offset -> offsets.put(slot.partition(), offset));
        return offsets;
    }

    private final class RebalanceListener implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            consumer.pause(partitions);
            for (var partition : partitions) {
                // any offset will do: the partition is paused until the shard knows its position
                consumer.seek(partition, 0);
                slots.put(partition.partition(), new PartitionSlot(partition, consumer, shared));
            }
            // otherwise the poll goes on to wait, although paused partitions return no records
            if (!partitions.isEmpty()) consumer.wakeup();
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            PartitionSlot.release(removeSlots(partitions), REBALANCE_TIMEOUT);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            log.atWarn().addKeyValue("partitions", partitions.size())
                    .log("this router was silent for too long: other routers take over its shards, and it joins the"
                            + " group again");
            removeSlots(partitions).forEach(PartitionSlot::abandon);
        }

        private List<PartitionSlot> removeSlots(Collection<TopicPartition> partitions) {
            return partitions.stream().map(partition -> slots.remove(partition.partition())).filter(Objects::nonNull)
                    .toList();
        }
    }
}
