package io.rejoin.router.core;

import io.rejoin.contracts.log.Command;
import java.util.List;

/**
 * What a shard's time has come for. Neither changes the shard: redeliveries are pushes beside the order of the log, and an
 * expiry has an effect only when it is read back.
 */
public record Due(List<Output.Push> redeliveries, List<Command.Expire> expiries) {
    public Due {
        redeliveries = List.copyOf(redeliveries);
        expiries = List.copyOf(expiries);
    }
}
