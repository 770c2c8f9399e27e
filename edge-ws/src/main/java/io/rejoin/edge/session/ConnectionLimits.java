package io.rejoin.edge.session;

import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.RefusalCode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The limits of connections: one for the whole edge, and one for each user. Each connection takes a slot, and releases
 * it once. Safe for any thread; nothing blocks while the monitor is held.
 */
public final class ConnectionLimits {
    /**
     * A full edge counts as full until one in this many of its slots is free, so that a load balancer sees a stable
     * state.
     */
    private static final int FREE_FRACTION = 20;

    private final int maxConnections;
    private final int maxPerUser;
    private final Map<UserId, Integer> byUser = new HashMap<>();
    private int used;
    private boolean isFull;

    public ConnectionLimits(int maxConnections, int maxPerUser) {
        this.maxConnections = maxConnections;
        this.maxPerUser = maxPerUser;
    }

    /**
     * Takes a slot for a new connection.
     *
     * @return null, or the reason why there is none
     */
    synchronized @Nullable RefusalCode acquire(UserId user) {
        var refusal = check(user);
        if (refusal != null) return refusal;
        byUser.merge(user, 1, Integer::sum);
        isFull |= ++used >= maxConnections;
        return null;
    }

    /** Like {@link #acquire}, without taking a slot. */
    synchronized @Nullable RefusalCode check(UserId user) {
        if (used >= maxConnections) return RefusalCode.FULL;
        return byUser.getOrDefault(user, 0) >= maxPerUser ? RefusalCode.TOO_MANY_CONNECTIONS : null;
    }

    synchronized void release(UserId user) {
        byUser.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
        used--;
        isFull &= used > maxConnections - Math.max(1, maxConnections / FREE_FRACTION);
    }

    /**
     * Whether a load balancer should send clients elsewhere. True from the moment the last slot is taken until some
     * slots are free.
     */
    public synchronized boolean isFull() {
        return isFull;
    }

    /** How many connections the edge may have at once. */
    public int maxConnections() {
        return maxConnections;
    }

    int maxPerUser() {
        return maxPerUser;
    }
}
