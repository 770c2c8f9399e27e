package io.rejoin.simulation;

import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandBatch;
import java.util.List;

/**
 * A record of the command log.
 *
 * @param ts the time that the log gave it, in milliseconds
 */
record CommandRecord(long ts, CommandBatch batch) {
    List<Command> commands() {
        return batch.commands();
    }
}
