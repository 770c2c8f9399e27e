package io.rejoin.router.checkpoint;

import io.rejoin.router.core.CorruptStateException;
import io.rejoin.router.core.Shard;
import io.rejoin.router.kafka.KafkaClients;
import io.rejoin.router.kafka.LatestValues;
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
public final class StateTopic {
    private static final Logger log = LoggerFactory.getLogger(StateTopic.class);

    /**
     * The result of reading a shard.
     *
     * @param nextOffset  offset of the first command that the shard has not processed
     * @param predecessor the old shard if it had to begin anew because commands expired before it processed them; else
     *                    null. A router that died may have given seqs to some of these commands, so the rooms must not
     *                    count on from their old seqs
     */
    public record Restored(Shard shard, long nextOffset, @Nullable Shard predecessor) {}

    private record LogRange(long firstOffset, long endOffset) {}

    private final KafkaClients clients;

    public StateTopic(KafkaClients clients) {
        this.clients = clients;
    }

    /** Reads the committed state. Every other writer of the shard must have been fenced before. */
    public Restored read(int partition) {
        try (var reader = clients.committedReader()) {
            var state = new StateReader(partition);
            LatestValues.forEach(reader, new TopicPartition(clients.topics().state(), partition),
                    record -> state.add(record.key(), record.value()));
            var shard = state.shard();
            var nextOffset = state.nextOffset();
            var commands = new TopicPartition(clients.topics().commands(), partition);
            var logRange = logRange(commands);
            var firstOffset = logRange.firstOffset();
            var endOffset = logRange.endOffset();
            if (nextOffset > endOffset) throw logLost(commands, endOffset, nextOffset);
            if (nextOffset < 0 || nextOffset >= firstOffset)
                return new Restored(shard, Math.max(firstOffset, nextOffset), null);
            log.atError().addKeyValue("topic", commands.topic()).addKeyValue("partition", partition)
                    .addKeyValue("from", nextOffset).addKeyValue("to", firstOffset - 1)
                    .log(
                            "commands expired before a checkpoint included them: their messages may be lost, and all"
                                    + " rooms of the partition begin a new epoch. Routers were down for longer than"
                                    + " the topic keeps records (retention.ms). Increase retention.ms if it is too"
                                    + " short");
            return new Restored(shard.emptySuccessor(), firstOffset, shard);
        }
    }

    /**
     * The offsets of the whole log, committed or not. A transaction that another writer left open must not make the log
     * look shorter.
     */
    private LogRange logRange(TopicPartition commands) {
        try (var reader = clients.uncommittedReader()) {
            return new LogRange(Objects.requireNonNull(reader.beginningOffsets(List.of(commands)).get(commands)),
                    Objects.requireNonNull(reader.endOffsets(List.of(commands)).get(commands)));
        }
    }

    private CorruptStateException logLost(TopicPartition commands, long endOffset, long nextOffset) {
        return new CorruptStateException(
                commands + " ends at offset " + endOffset + ", but its state continues at offset " + nextOffset
                        + ": the command log was lost or created again. Restore the command log. Or delete "
                        + clients.topics().state() + " and create it again: rooms then begin a new epoch",
                null);
    }
}
