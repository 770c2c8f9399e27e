package io.rejoin.edge.session;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one connection that are not durable yet (see {@link PendingCommands}). Guarded by the monitor of its
 * {@link CommandOwner}.
 */
final class PendingCommandsOfConnection {
    /** The owner of the commands. Its monitor guards them. */
    interface CommandOwner {
        PendingCommandsOfConnection pendingOfConnection();
    }

    /** Created with the first command, because most connections have none for most of their time. */
    private @Nullable Map<PendingCommands.Key, PendingCommands.PendingCommand> byKey;

    int size() {
        return byKey == null ? 0 : byKey.size();
    }

    PendingCommands.@Nullable PendingCommand find(PendingCommands.Key key) {
        return byKey == null ? null : byKey.get(key);
    }

    void add(PendingCommands.PendingCommand pending) {
        if (byKey == null) byKey = new HashMap<>(2);
        byKey.put(pending.key, pending);
    }

    void remove(PendingCommands.PendingCommand pending) {
        if (byKey == null) return;
        byKey.remove(pending.key);
        if (byKey.isEmpty()) byKey = null;
    }
}
