package io.rejoin.router.kafka;

import static org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation.LEAVE_GROUP;

import io.rejoin.contracts.env.StartupResources;
import io.rejoin.router.core.RedeliverySchedule;
import io.rejoin.router.link.EdgeStreams;
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
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration POLL_STEADY = Duration.ofSeconds(1);
    /** The longest poll while edges announce their records, to check soon whether an announcement is missing. */
    private static final Duration POLL_ANNOUNCED = Duration.ofMillis(100);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration CLOSE = Duration.ofSeconds(5);
    /** The time limit to release all shards when the router stops. */
    private static final Duration STOP = Duration.ofSeconds(5);
    private static final int UNKNOWN = -1;
    /** The time limit to release shards in a rebalance. Meanwhile the other shards get no records. */
    private static final Duration REBALANCE = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final Producer<byte[], byte[]> signs;
    private final OutputProducer outputs;
    private final String topic;
    private final Memory memory;
    private final RouterMeters meters;
    private final PartitionSlot.Shared shared;
    private final OffsetReporter lagTools;
    private final Map<Integer, PartitionSlot> slots = new HashMap<>();
    private long lastTick = System.nanoTime();
    /** The group's generation at the last turn. */
    private volatile int generation = UNKNOWN;
    /**
     * The generation in which this router removed another router from the group; {@link #UNKNOWN} if it removed none.
     * This generation has to end with a rebalance.
     */
    private final AtomicInteger endedGeneration = new AtomicInteger(UNKNOWN);
    private volatile boolean stopped;
    private volatile List<ShardStatus> shards = List.of();

    /**
     * Connects to Kafka.
     *
     * @param id          of this router in the group, unique
     * @param streams     over which shards send deliveries to edges
     * @param inlets      through which edges announce commands
     * @param schedule    redelivery schedule of messages that are not confirmed
     * @param forgetAfter log time after which an unused room is forgotten
     * @param partitions  of the command log
     * @param opened      owns the clients until {@link #run} starts and closes them itself
     */
    public CommandLoop(Clients clients, String id, EdgeStreams streams, Inlets inlets, EdgeWatch watch, LogClock clock,
            RedeliverySchedule schedule,
            Duration forgetAfter, int partitions, RandomGenerator random, RouterMeters meters, Tracing tracing,
            StartupResources opened) {
        this(clients, id, streams, inlets, watch, clock, schedule, forgetAfter, CommandReader.of(partitions),
                new Memory(),
                random,
                meters, tracing, opened);
    }

    CommandLoop(Clients clients, String id, EdgeStreams streams, Inlets inlets, EdgeWatch watch, LogClock clock,
            RedeliverySchedule schedule,
            Duration forgetAfter, CommandReader reader, Memory memory, RandomGenerator random, RouterMeters meters,
            Tracing tracing, StartupResources opened) {
        this.topic = clients.topics().commands();
        this.memory = memory;
        this.consumer = opened.add(clients.commands(id, memory::limit));
        this.lagTools = new OffsetReporter(consumer);
        this.signs = opened.add(clients.signs());
        this.meters = meters;
        var inFlight = new InFlight();
        this.outputs = new OutputProducer(() -> clients.outputs(inFlight));
        this.shared = new PartitionSlot.Shared(clients, outputs, streams, inlets, new CountedReader(reader, meters),
                new AnnouncedEdges(clients),
                new ShardDuties(watch, clock, schedule, forgetAfter, signs, topic, inlets), inFlight, random,
                meters, tracing);
    }

    @Override
    public void run() {
        consumer.subscribe(List.of(topic), new Rebalance());
        try {
            while (!stopped) turn();
            PartitionSlot.release(slots.values(), STOP);
            slots.clear();
            log.debug("commands stopped");
        } finally {
            slots.values().forEach(PartitionSlot::abandon);
            outputs.close();
            signs.close(Duration.ZERO);
            consumer.close(CloseOptions.timeout(CLOSE).withGroupMembershipOperation(LEAVE_GROUP));
        }
    }

    /** Makes {@link #run} return after its shards are released. Safe from any thread. */
    public void stop() {
        stopped = true;
        consumer.wakeup();
    }

    /**
     * Requests a rebalance at once after another router was removed, instead of at the next heartbeat. Safe from any
     * thread.
     */
    public void rejoin() {
        endedGeneration.set(generation);
        consumer.wakeup();
    }

    private void turn() {
        shared.inFlight().share(slots.size());
        joinAnewIfOver();
        poll();
        slots.values().forEach(PartitionSlot::step);
        if (System.nanoTime() - lastTick < TICK.toNanos()) return;
        lastTick = System.nanoTime();
        if (memory.look(slots.size(), lastTick)) share();
        lagTools.tell(durable());
        shards = slots.values().stream().map(PartitionSlot::status).toList();
        meters.show(shards);
    }

    /** Requests the rebalance, unless a heartbeat has started one already. */
    private void joinAnewIfOver() {
        generation = consumer.groupMetadata().generationId();
        var ended = endedGeneration.getAndSet(UNKNOWN);
        if (ended != UNKNOWN && ended == generation) consumer.enforceRebalance("a router was removed from the group");
    }

    /** Requests a rebalance because this router's limit has changed. */
    private void share() {
        if (memory.limit() != SheddingAssignor.NONE) meters.shed();
        consumer.enforceRebalance("memory");
    }

    /** The status of this router's shards, about a second old. Safe from any thread. */
    public List<ShardStatus> shards() {
        return shards;
    }

    /** The metrics of the Kafka consumer of commands. Safe from any thread. */
    public Map<MetricName, ? extends Metric> kafkaNumbers() {
        return consumer.metrics();
    }

    /** This router's memory problem and its remedy; null if there is none. Safe from any thread. */
    public @Nullable String memoryProblem() {
        return memory.problem();
    }

    private void poll() {
        try {
            var records = consumer.poll(patience());
            for (var partition : records.partitions()) {
                var slot = slots.get(partition.partition());
                if (slot != null) slot.take(records.records(partition));
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

    private Duration patience() {
        var steady = true;
        for (var slot : slots.values()) {
            if (slot.isAnnounced()) return POLL_ANNOUNCED;
            steady &= slot.isFetching();
        }
        return steady ? POLL_STEADY : POLL;
    }

    private Map<TopicPartition, OffsetAndMetadata> durable() {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        slots.values().forEach(slot -> slot.durable().ifPresent(durable -> offsets.put(slot.partition(), durable)));
        return offsets;
    }

    private final class Rebalance implements ConsumerRebalanceListener {
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
            PartitionSlot.release(removed(partitions), REBALANCE);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            log.atWarn().addKeyValue("partitions", partitions.size())
                    .log("this router was silent for too long: other routers take over its shards, and it joins the"
                            + " group again");
            removed(partitions).forEach(PartitionSlot::abandon);
        }

        private List<PartitionSlot> removed(Collection<TopicPartition> partitions) {
            return partitions.stream().map(partition -> slots.remove(partition.partition())).filter(Objects::nonNull)
                    .toList();
        }
    }
}
