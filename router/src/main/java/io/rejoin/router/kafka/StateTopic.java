package io.rejoin.router.kafka;

import io.rejoin.router.core.CorruptStateException;
import io.rejoin.router.core.Shard;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a shard's state from {@code rejoin.state}. The topic holds the shard's position too, in the same transaction as
 * the state. A consumer group's offset would not do: it expires when no router runs for a week. The shard would then
 * restart at the beginning of the log, with a later state.
 */
final class StateTopic {
    private static final Logger log = LoggerFactory.getLogger(StateTopic.class);

    /**
     * The result of reading a shard.
     *
     * @param next offset of the first command that the shard has not taken
     * @param end  of its command log
     * @param past the old shard if it had to begin anew because commands expired before it took them; else null. A
     *             router that died may have given seqs to some of these commands, so the rooms must not count on from
     *             their old seqs
     */
    record Restored(Shard shard, long next, long end, @Nullable Shard past) {}

    private record Ends(long first, long end) {}

    private final Clients clients;

    StateTopic(Clients clients) {
        this.clients = clients;
    }

    /** Reads the committed state. Every other writer of the shard must have been fenced before. */
    Restored read(int partition) {
        try (var reader = clients.reader()) {
            var past = new StateReader(partition);
            LatestValues.forEach(reader, new TopicPartition(clients.topics().state(), partition),
                    record -> past.add(record.key(), record.value()));
            var shard = past.shard();
            var next = past.next();
            var commands = new TopicPartition(clients.topics().commands(), partition);
            var ends = ends(commands);
            var first = ends.first();
            var end = ends.end();
            if (next > end) throw logLost(commands, end, next);
            if (next < 0 || next >= first)
                return new Restored(shard, Math.max(first, next), end, null);
            log.atError().addKeyValue("topic", commands.topic()).addKeyValue("partition", partition)
                    .addKeyValue("from", next).addKeyValue("to", first - 1)
                    .log(
                            "commands expired before a checkpoint included them: their messages may be lost, and all"
                                    + " rooms of the partition begin a new epoch. Routers were down for longer than"
                                    + " the topic keeps records (retention.ms). Increase retention.ms if it is too"
                                    + " short");
            return new Restored(shard.emptySuccessor(), first, end, shard);
        }
    }

    /**
     * The offsets of the whole log, committed or not. A transaction that another writer left open must not make the log
     * look shorter.
     */
    private Ends ends(TopicPartition commands) {
        try (var reader = clients.plainReader()) {
            return new Ends(Objects.requireNonNull(reader.beginningOffsets(List.of(commands)).get(commands)),
                    Objects.requireNonNull(reader.endOffsets(List.of(commands)).get(commands)));
        }
    }

    private CorruptStateException logLost(TopicPartition commands, long end, long next) {
        return new CorruptStateException(
                commands + " ends at offset " + end + ", but its state continues at offset " + next
                        + ": the command log was lost or created again. Restore the command log. Or delete "
                        + clients.topics().state() + " and create it again: rooms then begin a new epoch",
                null);
    }
}
