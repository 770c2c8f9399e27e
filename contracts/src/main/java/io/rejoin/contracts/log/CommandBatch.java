package io.rejoin.contracts.log;

import java.util.List;

/**
 * The commands of one record of {@code rejoin.commands} that a shard can carry out.
 *
 * @param version version of the record. A shard decides by the rules of the highest version in its partition so far. So
 *                routers of different versions decide alike
 */
public record CommandBatch(int version, List<Command> commands) {
    public CommandBatch {
        commands = List.copyOf(commands);
    }
}
