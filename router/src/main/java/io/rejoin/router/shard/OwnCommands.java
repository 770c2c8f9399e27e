package io.rejoin.router.shard;

import io.rejoin.contracts.log.Command;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The commands that a shard's owner has appended to the shard's own log and not read back yet. Until then they have no
 * effect, so the reason for them persists. To append them again would only add to the queue of a shard that is behind.
 * Safe for any thread.
 */
public final class OwnCommands {
    private static final long UNKNOWN_OFFSET = Long.MAX_VALUE;

    /** The offset of each command; {@link #UNKNOWN_OFFSET} until it is known. */
    private final Map<Command, Long> unread = new ConcurrentHashMap<>();

    /** Adds commands that are about to be appended. */
    public void add(Collection<? extends Command> commands) {
        for (var command : commands) unread.put(command, UNKNOWN_OFFSET);
    }

    /** Stores the offset of the record that holds these commands. */
    public void onAppended(Collection<? extends Command> commands, long offset) {
        for (var command : commands) unread.replace(command, offset);
    }

    /**
     * Removes commands whose append failed: it is not known whether they are in the log. They may be appended again.
     */
    public void onFailed(Collection<? extends Command> commands) {
        for (var command : commands) unread.remove(command);
    }

    /**
     * Removes the commands that must have been read by now. If the reason for one persists, it was lost with the end of
     * the log, and may be appended again.
     *
     * @param next offset of the next record to read
     */
    public void removeRead(long next) {
        unread.values().removeIf(offset -> offset < next);
    }

    /** Whether this command is still to be read back. */
    public boolean isUnread(Command command) {
        return unread.containsKey(command);
    }

    /** Whether any command of this kind is still to be read back. */
    public boolean isUnread(Class<? extends Command> kind) {
        return unread.keySet().stream().anyMatch(kind::isInstance);
    }
}
