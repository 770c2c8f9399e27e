package io.rejoin.router.kafka;

import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandRecord;
import io.rejoin.contracts.log.CommandRecord.Item;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads what stands in a command record; always the same of the same record, or two routers would decide differently.
 *
 * <p>A record holds commands of many clients. One that cannot be used is kept as a dead letter, and the others are carried
 * out. Versions before this one kept the whole record instead. No edge writes such a record: only what two versions make of
 * somebody else's garbage differs, and only when one takes over from the other before its next checkpoint.
 */
@FunctionalInterface
interface CommandReader {
    /** The largest command, in bytes of its JSON; what follows from it is little larger, and can be sent. */
    int MAX_COMMAND = Clients.MAX_VALUE - 20_000;
    /** Deepest nesting of a message: as deep as that of a client is at most. Readers of what follows stop at twice of it. */
    int MAX_DEPTH = 64;
    /** What a record of this size holds is not too large as JSON: it does not grow so much. */
    int HARMLESS = MAX_COMMAND / 3;

    /** A record that is malformed as a whole is kept as a dead letter, and nothing follows from it. */
    CommandRecord read(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException;

    /**
     * Reads records, and makes sure that what follows from each command can be written, sent and read.
     *
     * @param partitions of the command log
     */
    static CommandReader of(int partitions) {
        return record -> {
            var value = record.value();
            if (value != null && value.length > Clients.MAX_VALUE)
                throw new MalformedRecordException("larger than " + Clients.MAX_VALUE + " bytes");
            var read = LogCodec.commandRecord(value);
            var isHarmless = value == null || value.length <= HARMLESS;
            var place = new Place(record.partition(), partitions);
            return new CommandRecord(read.v(),
                    read.items().stream().map(item -> checked(item, place, isHarmless)).toList());
        };
    }

    /** Where the commands are read. */
    record Place(int partition, int partitions) {}

    private static Item checked(Item item, Place place, boolean isHarmless) {
        if (!(item instanceof Item.Usable(var command))) return item;
        var problem = problem(command, place, isHarmless);
        return problem == null ? item : new Item.Unusable(problem);
    }

    private static @Nullable String problem(Command command, Place place, boolean isHarmless) {
        if (command instanceof Command.OfRoom of) { // carried out here, the room would have two lives
            var home = Topics.partition(of.room(), place.partitions());
            if (home != place.partition())
                return "its room belongs to partition " + home + " of " + place.partitions() + ", not to "
                        + place.partition();
        }
        if (command instanceof Command.Post post && !post.content().isText() && post.content().depth() > MAX_DEPTH)
            return "its message is nested deeper than " + MAX_DEPTH;
        return isHarmless ? null : sizeProblem(command);
    }

    /** Measured as all routers do that may have the partition, and whatever version the record is of. */
    private static @Nullable String sizeProblem(Command command) {
        var size = LogCodec.commands(LogCodec.JSON_COMMANDS_VERSION, List.of(command)).length;
        return size > MAX_COMMAND ? "it has more than " + MAX_COMMAND + " bytes" : null;
    }
}
