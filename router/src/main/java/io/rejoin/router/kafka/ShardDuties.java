package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.link.Frame;
import io.rejoin.router.core.RedeliverySchedule;
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
final class ShardDuties {
    private static final Logger log = LoggerFactory.getLogger(ShardDuties.class);

    private final EdgeWatch watch;
    private final LogClock clock;
    private final RedeliverySchedule schedule;
    private final Duration forgetAfter;
    private final Producer<byte[], byte[]> signs;
    private final String commands;
    private final Inlets inlets;

    /**
     * Creates the checks.
     *
     * @param schedule    redelivery schedule of messages that are not confirmed
     * @param forgetAfter log time after which an unused room is forgotten
     * @param commands    topic to append the commands to
     * @param inlets      receive each appended command at once, as edges announce theirs
     */
    ShardDuties(EdgeWatch watch, LogClock clock, RedeliverySchedule schedule, Duration forgetAfter,
            Producer<byte[], byte[]> signs, String commands, Inlets inlets) {
        this.inlets = inlets;
        this.watch = watch;
        this.clock = clock;
        this.schedule = schedule;
        this.forgetAfter = forgetAfter;
        this.signs = signs;
        this.commands = commands;
    }

    /** Runs the checks of a shard. Called by the shard's own thread. */
    void look(int partition, OwnedShard shard) {
        watch.announced().forEach(shard::tellIfGivenUp);
        var own = shard.ownCommands();
        for (var edge : shard.edges()) {
            if (watch.isSilent(edge)) giveUp(partition, edge, own);
        }
        clock.now().ifPresent(now -> {
            for (var expiry : shard.redeliverDue(schedule, now)) {
                if (!own.isUnread(expiry)) say(partition, expiry.room().key(), 1, List.of(expiry), own);
            }
            if (!own.isUnread(Command.Forget.class)) forget(partition, shard, shard.forgettable(forgetAfter, now));
        });
    }

    private void giveUp(int partition, EdgeRef edge, OwnCommands own) {
        var lost = new Command.EdgeLost(edge.edge(), edge.incarnation());
        if (own.isUnread(lost)) return;
        log.atWarn().addKeyValue("edge", edge.edge()).addKeyValue("incarnation", edge.incarnation())
                .addKeyValue("partition", partition).log("edge is silent: its members leave their rooms");
        say(partition, edge.edge(), 1, List.of(lost), own);
    }

    private void forget(int partition, OwnedShard shard, List<Command.Forget> rooms) {
        if (rooms.isEmpty()) return;
        say(partition, rooms.getFirst().room().key(), shard.rules(), rooms, shard.ownCommands());
    }

    /** @param version of the record; every router that may own the partition knows it */
    private void say(int partition, String key, int version, List<? extends Command> said, OwnCommands own) {
        own.append(said);
        try {
            var record = new ProducerRecord<>(commands, partition, key.getBytes(UTF_8),
                    LogCodec.commands(version, List.copyOf(said)));
            var _ = signs.send(record, (written, failure) -> {
                if (failure != null || !written.hasOffset()) {
                    own.failed(said);
                    return;
                }
                own.appended(said, written.offset());
                inlets.announced(new Frame.Appended(partition, written.offset(), written.timestamp(), record.key(),
                        record.value(), Map.of()));
            });
        } catch (KafkaException | IllegalStateException e) { // IllegalStateException: the router is stopping
            own.failed(said);
            log.atDebug().setCause(e).log("cannot append a command; the shard retries at its next check");
        }
    }
}
