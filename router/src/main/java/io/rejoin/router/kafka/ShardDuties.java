package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.link.Frame;
import io.rejoin.router.core.Redelivery;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a shard has to do now and then besides taking commands: to look whether its edges still live, what was not confirmed,
 * and which rooms nobody used for long. What it finds it says in the command log. Only reading that back has an effect; what got
 * lost on the way is said again. Safe for any thread.
 */
final class ShardDuties {
    private static final Logger log = LoggerFactory.getLogger(ShardDuties.class);

    private final EdgeWatch watch;
    private final LogClock clock;
    private final Redelivery schedule;
    private final Duration forgetAfter;
    private final Producer<byte[], byte[]> signs;
    private final String commands;
    private final Inlets inlets;

    /**
     * @param schedule    when a message that is not confirmed is delivered again
     * @param forgetAfter log time after which a room that nobody used is forgotten
     * @param commands    the topic where it says what it finds
     * @param inlets      are told of it, as edges tell of what they append
     */
    ShardDuties(EdgeWatch watch, LogClock clock, Redelivery schedule, Duration forgetAfter,
            Producer<byte[], byte[]> signs, String commands, Inlets inlets) {
        this.inlets = inlets;
        this.watch = watch;
        this.clock = clock;
        this.schedule = schedule;
        this.forgetAfter = forgetAfter;
        this.signs = signs;
        this.commands = commands;
    }

    /** Looks after a shard; by the shard's own thread. */
    void look(int partition, OwnedShard shard) {
        watch.announced().forEach(shard::tellIfGivenUp);
        var own = shard.ownCommands();
        for (var edge : shard.edges()) {
            if (watch.isSilent(edge)) giveUp(partition, edge, own);
        }
        clock.now().ifPresent(now -> {
            for (var expiry : shard.remind(schedule, now)) {
                if (!own.isUnread(expiry)) say(partition, expiry.room().key(), 1, List.of(expiry), own);
            }
            if (!own.isUnread(Command.Forget.class)) forget(partition, shard, shard.forgettable(forgetAfter, now));
        });
    }

    private void giveUp(int partition, EdgeRef edge, OwnCommands own) {
        var lost = new Command.EdgeLost(edge.edge(), edge.incarnation());
        if (own.isUnread(lost)) return;
        log.atWarn().addKeyValue("edge", edge.edge()).addKeyValue("incarnation", edge.incarnation())
                .addKeyValue("partition", partition).log("edge is silent: its members leave");
        say(partition, edge.edge(), 1, List.of(lost), own);
    }

    private void forget(int partition, OwnedShard shard, List<Command.Forget> rooms) {
        if (rooms.isEmpty()) return;
        say(partition, rooms.getFirst().room().key(), shard.rules(), rooms, shard.ownCommands());
    }

    /** @param version that all routers know which may have the partition */
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
                inlets.told(new Frame.Appended(partition, written.offset(), written.timestamp(), record.key(),
                        record.value(), Map.of()));
            });
        } catch (KafkaException | IllegalStateException e) { // the latter once the router stops
            own.failed(said);
            log.atDebug().setCause(e).log("not said; it will be, at the next look");
        }
    }
}
