package io.rejoin.contracts.log;

import java.util.List;

/**
 * What of a record of {@code rejoin.commands} can be carried out.
 *
 * @param version of the record. The highest that a partition has shown says by which rules its shard decides from there on: so
 *                routers of different versions decide alike
 */
public record CommandBatch(int version, List<Command> commands) {
    public CommandBatch {
        commands = List.copyOf(commands);
    }
}
