package io.rejoin.router.kafka;

import io.rejoin.contracts.log.Command;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The commands that a shard's owner has appended to the shard's own log, and not read back. Until then they have no effect, so
 * the reason for them lasts. To append them again for that reason would only put more in front of a shard that is behind.
 * Safe for any thread.
 */
public final class OwnCommands {
    private static final long UNDER_WAY = Long.MAX_VALUE;

    /** The offset of each, once that is known. */
    private final Map<Command, Long> unread = new ConcurrentHashMap<>();

    /** These are being appended. */
    public void append(Collection<? extends Command> commands) {
        for (var command : commands) unread.put(command, UNDER_WAY);
    }

    /** They have been appended, in that record. */
    public void appended(Collection<? extends Command> commands, long offset) {
        for (var command : commands) unread.replace(command, offset);
    }

    /** Nobody knows whether they have been appended: they may be appended again. */
    public void failed(Collection<? extends Command> commands) {
        for (var command : commands) unread.remove(command);
    }

    /**
     * The log has been read up to an offset. A command whose reason lasts although it must have been read was lost with the
     * end of the log: it may be appended again.
     *
     * @param next offset of the next record to read
     */
    public void read(long next) {
        unread.values().removeIf(offset -> offset < next);
    }

    /** Whether this one is still to be read back. */
    public boolean isUnread(Command command) {
        return unread.containsKey(command);
    }

    /** Whether any of that kind is still to be read back. */
    public boolean isUnread(Class<? extends Command> kind) {
        return unread.keySet().stream().anyMatch(kind::isInstance);
    }
}
