package io.rejoin.router.shard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.link.Frame;
import io.rejoin.router.core.RedeliverySchedule;
import io.rejoin.router.link.Inlets;
import io.rejoin.router.liveness.EdgeWatch;
import io.rejoin.router.liveness.LogClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Periodic checks of a shard, besides commands: for silent edges, for unconfirmed messages and for unused rooms. The
 * results are appended to the command log as commands. They take effect only when the shard reads them back. A command
 * that was lost on the way is appended again. Safe for any thread.
 */
public final class ShardChecks {
    private static final Logger log = LoggerFactory.getLogger(ShardChecks.class);

    private final EdgeWatch edgeWatch;
    private final LogClock clock;
    private final RedeliverySchedule schedule;
    private final Duration forgetAfter;
    private final Producer<byte[], byte[]> controlProducer;
    private final String commandTopic;
    private final Inlets inlets;

    /**
     * Creates the checks.
     *
     * @param schedule     redelivery schedule of messages that are not confirmed
     * @param forgetAfter  log time after which an unused room is forgotten
     * @param commandTopic topic to append the commands to
     * @param inlets       receive each appended command at once, as edges announce theirs
     */
    public ShardChecks(EdgeWatch edgeWatch, LogClock clock, RedeliverySchedule schedule, Duration forgetAfter,
            Producer<byte[], byte[]> controlProducer, String commandTopic, Inlets inlets) {
        this.inlets = inlets;
        this.edgeWatch = edgeWatch;
        this.clock = clock;
        this.schedule = schedule;
        this.forgetAfter = forgetAfter;
        this.controlProducer = controlProducer;
        this.commandTopic = commandTopic;
    }

    /** Runs the checks of a shard. Called by the shard's own thread. */
    void run(int partition, OwnedShard shard) {
        edgeWatch.recentEdges().forEach(shard::notifyIfGivenUp);
        var ownCommands = shard.ownCommands();
        for (var edge : shard.edges()) {
            if (edgeWatch.checkSilent(edge)) appendEdgeLost(partition, edge, ownCommands);
        }
        clock.now().ifPresent(now -> {
            for (var expiry : shard.redeliverDue(schedule, now)) {
                if (ownCommands.isUnread(expiry)) continue;
                append(partition, expiry.room().key(), 1, List.of(expiry), ownCommands);
            }
            if (ownCommands.isUnread(Command.Forget.class)) return;
            appendForgets(partition, shard, shard.forgettable(forgetAfter, now));
        });
    }

    private void appendEdgeLost(int partition, EdgeRef edge, OwnCommands ownCommands) {
        var lost = new Command.EdgeLost(edge.edge(), edge.incarnation());
        if (ownCommands.isUnread(lost)) return;
        log.atWarn().addKeyValue("edge", edge.edge()).addKeyValue("incarnation", edge.incarnation())
                .addKeyValue("partition", partition).log("edge is silent: its members leave their rooms");
        append(partition, edge.edge(), 1, List.of(lost), ownCommands);
    }

    private void appendForgets(int partition, OwnedShard shard, List<Command.Forget> rooms) {
        if (rooms.isEmpty()) return;
        append(partition, rooms.getFirst().room().key(), shard.rules(), rooms, shard.ownCommands());
    }

    /** @param version of the record; every router that may own the partition knows it */
    private void append(int partition, String key, int version, List<? extends Command> commands,
            OwnCommands ownCommands) {
        ownCommands.add(commands);
        try {
            var record = new ProducerRecord<>(commandTopic, partition, key.getBytes(UTF_8),
                    LogCodec.commands(version, List.copyOf(commands)));
            var _ = controlProducer.send(record, (metadata, failure) -> {
                if (failure != null || !metadata.hasOffset()) {
                    ownCommands.onFailed(commands);
                    return;
                }
                ownCommands.onAppended(commands, metadata.offset());
                inlets.onAnnounced(new Frame.Appended(partition, metadata.offset(), metadata.timestamp(), record.key(),
                        record.value(), Map.of()));
            });
        } catch (KafkaException | IllegalStateException e) { // IllegalStateException: the router is stopping
            ownCommands.onFailed(commands);
            log.atDebug().setCause(e).log("cannot append a command; the shard retries at its next check");
        }
    }
}
