package io.rejoin.router.core;

import io.rejoin.contracts.log.Command;
import java.util.List;

/**
 * The redeliveries and expiries that are due in a shard. Neither changes the shard. Redeliveries are pushes outside the
 * log order. An expiry takes effect only when the shard reads its command back from the log.
 *
 * @param upTo the log time up to which they are complete: earlier than was asked for where too many are due
 */
public record Due(List<Output.Push> redeliveries, List<Command.Expire> expiries, long upTo) {
    public Due {
        redeliveries = List.copyOf(redeliveries);
        expiries = List.copyOf(expiries);
    }
}
