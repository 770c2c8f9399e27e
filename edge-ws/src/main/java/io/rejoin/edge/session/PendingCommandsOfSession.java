package io.rejoin.edge.session;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one connection that are not durable yet (see {@link PendingCommands}). Guarded by the monitor of its
 * {@link CommandOwner}.
 */
final class PendingCommandsOfSession {
    /** The owner of the debts. Its monitor guards them. */
    interface CommandOwner {
        PendingCommandsOfSession pendingOfSession();
    }

    /** Created with the first debt, because most connections have no debts for most of their time. */
    private @Nullable Map<PendingCommands.Key, PendingCommands.PendingCommand> open;

    int size() {
        return open == null ? 0 : open.size();
    }

    PendingCommands.@Nullable PendingCommand find(PendingCommands.Key key) {
        return open == null ? null : open.get(key);
    }

    void add(PendingCommands.PendingCommand pendingCommand) {
        if (open == null) open = new HashMap<>(2);
        open.put(pendingCommand.key, pendingCommand);
    }

    void remove(PendingCommands.PendingCommand pendingCommand) {
        if (open == null) return;
        open.remove(pendingCommand.key);
        if (open.isEmpty()) open = null;
    }
}
