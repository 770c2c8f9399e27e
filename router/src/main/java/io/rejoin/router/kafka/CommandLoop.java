package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation.LEAVE_GROUP;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.router.core.Redelivery;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the partitions of the command log that fall to this router, and hands them to their shards. A partition is paused
 * while its shard is being taken over, or has too much in flight; the others go on.
 */
public final class CommandLoop implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(CommandLoop.class);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final Consumer<byte[], byte[]> consumer;
    private final Producer<byte[], byte[]> signs;
    private final Clients clients;
    private final EdgeWatch watch;
    private final LogClock clock;
    private final Redelivery schedule;
    private final Duration forgetAfter;
    private final CommandReader reader;
    private final AnnouncedEdges announced;
    private final RandomGenerator random;
    private final Map<Integer, Slot> slots = new HashMap<>();
    private long lastTick = System.nanoTime();
    private volatile List<ShardStatus> shards = List.of();

    /**
     * Connects.
     *
     * @param id          of this router in the group, unique
     * @param schedule    when a message that is not confirmed is delivered again
     * @param forgetAfter log time after which a room that nobody used is forgotten
     * @param partitions  of the command log
     */
    public CommandLoop(Clients clients, String id, EdgeWatch watch, LogClock clock, Redelivery schedule,
            Duration forgetAfter, int partitions, RandomGenerator random) {
        this(clients, id, watch, clock, schedule, forgetAfter, CommandReader.of(partitions), random);
    }

    CommandLoop(Clients clients, String id, EdgeWatch watch, LogClock clock, Redelivery schedule,
            Duration forgetAfter, CommandReader reader, RandomGenerator random) {
        this.consumer = clients.commands(id);
        this.signs = clients.signs();
        this.clients = clients;
        this.watch = watch;
        this.clock = clock;
        this.schedule = schedule;
        this.forgetAfter = forgetAfter;
        this.reader = reader;
        this.announced = new AnnouncedEdges(clients);
        this.random = random;
    }

    @Override
    public void run() {
        consumer.subscribe(List.of(Topics.COMMANDS), new Rebalance());
        try (signs) {
            while (true) turn();
        } catch (WakeupException _) {
            slots.values().forEach(Slot::release);
            slots.clear();
            log.debug("commands stopped");
        } finally {
            slots.values().forEach(Slot::abandon);
            consumer.close(CloseOptions.timeout(CLOSE).withGroupMembershipOperation(LEAVE_GROUP));
        }
    }

    /** Makes {@link #run} return, after its shards were handed over in good order. Safe from any thread. */
    public void stop() {
        consumer.wakeup();
    }

    private void turn() {
        poll();
        slots.values().forEach(Slot::step);
        if (System.nanoTime() - lastTick < TICK.toNanos()) return;
        lastTick = System.nanoTime();
        slots.forEach((partition, slot) -> slot.edges().stream().filter(watch::isSilent)
                .forEach(edge -> giveUp(partition, edge)));
        clock.now().ifPresent(now -> slots.forEach((partition, slot) -> {
            expire(partition, slot.remind(schedule, now));
            forget(partition, slot.forgettable(forgetAfter, now));
        }));
        publishLag();
        shards = slots.values().stream().map(Slot::status).toList();
    }

    /** How the shards of this router were about a second ago. Safe from any thread. */
    public List<ShardStatus> shards() {
        return shards;
    }

    private void poll() {
        try {
            var records = consumer.poll(POLL);
            for (var partition : records.partitions()) {
                var slot = slots.get(partition.partition());
                if (slot != null) slot.take(records.records(partition));
            }
        } catch (InvalidOffsetException e) { // what was to come has expired, or the log was made anew
            for (var partition : e.partitions()) {
                var slot = slots.get(partition.partition());
                if (slot != null) slot.fail(e);
            }
        }
    }

    /** Tells Kafka how far the checkpoints are, for tools that show lag; nothing here ever reads it. */
    private void publishLag() {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        slots.values().forEach(slot -> slot.durable().ifPresent(durable -> offsets.put(slot.partition(), durable)));
        if (offsets.isEmpty()) return;
        consumer.commitAsync(offsets, (_, failure) -> { // without it, Kafka's client would call that an error
            if (failure != null)
                log.atDebug().addKeyValue("cause", failure).log("lag tools will be behind for a moment");
        });
    }

    /** Says in the log that the edge is lost; only reading it back has an effect. Said again until then. */
    private void giveUp(int partition, EdgeRef edge) {
        log.atWarn().addKeyValue("edge", edge.edge()).addKeyValue("incarnation", edge.incarnation())
                .addKeyValue("partition", partition).log("edge is silent: its members leave");
        say(partition, edge.edge(), 1, List.of(new Command.EdgeLost(edge.edge(), edge.incarnation())));
    }

    /** Says in the log what was not confirmed in time; as above. */
    private void expire(int partition, List<Command.Expire> expiries) {
        for (var expiry : expiries) say(partition, expiry.room().key(), 1, List.of(expiry));
    }

    /** Says in the log which rooms nobody used for long; as above. */
    private void forget(int partition, List<Command.Forget> rooms) {
        if (rooms.isEmpty()) return;
        say(partition, rooms.getFirst().room().key(), LogCodec.COMMANDS_VERSION, rooms);
    }

    /** @param version that all routers know which may have the partition */
    private void say(int partition, String key, int version, List<? extends Command> commands) {
        try {
            var _ = signs.send(new ProducerRecord<>(Topics.COMMANDS, partition, key.getBytes(UTF_8),
                    LogCodec.commands(version, List.copyOf(commands))));
        } catch (KafkaException e) {
            log.atDebug().setCause(e).log("not said; it will be, at the next check");
        }
    }

    private final class Rebalance implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            consumer.pause(partitions);
            for (var partition : partitions) {
                consumer.seek(partition, 0); // any: it is paused until the shard knows where it goes on
                slots.put(partition.partition(), new Slot(partition, consumer, clients, reader, announced, random));
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            for (var partition : partitions) {
                var slot = slots.remove(partition.partition());
                if (slot != null) slot.release();
            }
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            log.atWarn().addKeyValue("partitions", partitions.size())
                    .log("other routers take over: this one was silent too long. It gives its shards up and joins again");
            for (var partition : partitions) {
                var slot = slots.remove(partition.partition());
                if (slot != null) slot.abandon();
            }
        }
    }
}
