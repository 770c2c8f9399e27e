package io.rejoin.router.shard;

import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandRecord;
import io.rejoin.contracts.log.CommandRecord.Item;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.router.kafka.KafkaClients;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads the commands of a record. The result depends on the record alone, or two routers would decide differently.
 *
 * <p>A record holds commands of many clients. A command that cannot be used is kept as a dead letter, and the others
 * are carried out. Earlier versions kept the whole record as a dead letter, and carried out none of its commands. Two
 * versions can decide differently only if both of these happen: another program than an edge wrote a record with a
 * command that cannot be used, because no edge writes one; and a router of the one version takes over the shard from a
 * router of the other, before a checkpoint includes that record.
 */
@FunctionalInterface
public interface CommandReader {
    /** The largest command, in bytes of its JSON. Its outputs are only a little larger, so they can be sent. */
    int MAX_COMMAND_BYTES = KafkaClients.MAX_VALUE_BYTES - 20_000;
    /** The deepest nesting of a message; edges allow clients no more. Readers of events accept twice as much. */
    int MAX_DEPTH = 64;
    /**
     * The largest record, in bytes, whose commands need no check of their size. A command can be larger as JSON than in
     * its record: a character such as an emoji grows from 4 bytes to an escape of 12. No long text grows more than
     * that, threefold. So the JSON of a command from such a record stays below {@link #MAX_COMMAND_BYTES}.
     */
    int MAX_UNCHECKED_BYTES = MAX_COMMAND_BYTES / 3;

    /** Reads a record. If it throws, the whole record is kept as a dead letter and has no outputs. */
    CommandRecord read(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException;

    /**
     * Creates a reader that also ensures that the outputs of each command can be encoded, sent and read.
     *
     * @param partitions of the command log
     */
    static CommandReader of(int partitions) {
        return record -> {
            var value = record.value();
            if (value != null && value.length > KafkaClients.MAX_VALUE_BYTES)
                throw new MalformedRecordException("larger than " + KafkaClients.MAX_VALUE_BYTES + " bytes");
            var decoded = LogCodec.commandRecord(value);
            var isSmall = value == null || value.length <= MAX_UNCHECKED_BYTES;
            var logPartition = new LogPartition(record.partition(), partitions);
            return new CommandRecord(decoded.v(),
                    decoded.items().stream().map(item -> validated(item, logPartition, isSmall)).toList());
        };
    }

    /** The partition that the commands are read from, and the number of partitions. */
    record LogPartition(int partition, int partitions) {}

    private static Item validated(Item item, LogPartition logPartition, boolean isSmall) {
        if (!(item instanceof Item.Usable(var command))) return item;
        var problem = problem(command, logPartition, isSmall);
        return problem == null ? item : new Item.Unusable(problem);
    }

    private static @Nullable String problem(Command command, LogPartition logPartition, boolean isSmall) {
        if (command instanceof Command.OfRoom ofRoom) { // otherwise the room would exist in two partitions
            var expectedPartition = Topics.partition(ofRoom.room(), logPartition.partitions());
            if (expectedPartition != logPartition.partition())
                return "its room belongs to partition " + expectedPartition + " of " + logPartition.partitions()
                        + ", not to " + logPartition.partition();
        }
        if (command instanceof Command.Post post && !post.content().isText() && post.content().depth() > MAX_DEPTH)
            return "its message is nested deeper than " + MAX_DEPTH;
        return isSmall ? null : sizeProblem(command);
    }

    /**
     * Measures the size in one fixed version, whatever the record's version is. So all routers that may own the
     * partition agree.
     */
    private static @Nullable String sizeProblem(Command command) {
        var size = LogCodec.commands(LogCodec.JSON_COMMANDS_VERSION, List.of(command)).length;
        return size > MAX_COMMAND_BYTES ? "it has more than " + MAX_COMMAND_BYTES + " bytes" : null;
    }
}
