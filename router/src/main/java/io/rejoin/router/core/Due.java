package io.rejoin.router.core;

import io.rejoin.contracts.log.Command;
import java.util.List;

/**
 * The redeliveries and expiries that are due in a shard. Neither changes the shard. Redeliveries are pushes outside the
 * log order. An expiry takes effect only when the shard reads its command back from the log.
 */
public record Due(List<Output.Push> redeliveries, List<Command.Expire> expiries) {
    public Due {
        redeliveries = List.copyOf(redeliveries);
        expiries = List.copyOf(expiries);
    }
}
