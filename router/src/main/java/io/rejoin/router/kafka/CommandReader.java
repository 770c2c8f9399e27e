package io.rejoin.router.kafka;

import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads what stands in a command record; always the same of the same record, or two routers would decide differently. */
@FunctionalInterface
interface CommandReader {
    /** The largest command, in bytes, as this router would write it; what follows from it is little larger, and can be sent. */
    int MAX_COMMAND = Clients.MAX_VALUE - 20_000;
    /** Deepest nesting of a message: as deep as that of a client is at most. Readers of what follows stop at twice of it. */
    int MAX_DEPTH = 64;

    /** What is malformed here is kept as a dead letter, and nothing follows from it. */
    List<Command> read(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException;

    /** Reads a record, and makes sure that what follows from it can be written, sent and read. */
    static List<Command> checked(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException {
        if (record.serializedValueSize() > Clients.MAX_VALUE)
            throw new MalformedRecordException("larger than " + Clients.MAX_VALUE + " bytes");
        var commands = LogCodec.commands(record.value());
        for (var command : commands) {
            if (command instanceof Command.Post post && post.content().data() != null
                    && !Depth.isAtMost(post.content().data(), MAX_DEPTH)) {
                throw new MalformedRecordException("a message in it is nested deeper than " + MAX_DEPTH);
            }
            if (size(command) > MAX_COMMAND)
                throw new MalformedRecordException("a command in it has more than " + MAX_COMMAND + " bytes");
        }
        return commands;
    }

    private static int size(Command command) throws MalformedRecordException {
        try {
            return LogCodec.commands(List.of(command)).length;
        } catch (IllegalStateException e) { // half of a surrogate pair
            throw new MalformedRecordException("a command in it cannot be written again", e);
        }
    }
}
