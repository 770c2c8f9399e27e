package io.rejoin.edge.session;

import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.RefusalCode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places for connections: a limit for the whole edge, and one for each user. Each place that is taken is given back
 * once. Safe for any thread; nothing blocks while the monitor is held.
 */
public final class ConnectionLimits {
    /**
     * A full edge counts as full until one in this many of its places is free, so that a load balancer sees a stable
     * state.
     */
    private static final int CALM = 20;

    private final int most;
    private final int mostPerUser;
    private final Map<UserId, Integer> byUser = new HashMap<>();
    private int taken;
    private boolean full;

    public ConnectionLimits(int most, int mostPerUser) {
        this.most = most;
        this.mostPerUser = mostPerUser;
    }

    /**
     * Takes a place for a new connection.
     *
     * @return null, or the reason why there is none
     */
    synchronized @Nullable RefusalCode take(UserId user) {
        var refusal = ask(user);
        if (refusal != null) return refusal;
        byUser.merge(user, 1, Integer::sum);
        full |= ++taken >= most;
        return null;
    }

    /** Like {@link #take}, without taking a place. */
    synchronized @Nullable RefusalCode ask(UserId user) {
        if (taken >= most) return RefusalCode.FULL;
        return byUser.getOrDefault(user, 0) >= mostPerUser ? RefusalCode.TOO_MANY_CONNECTIONS : null;
    }

    synchronized void giveBack(UserId user) {
        byUser.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
        taken--;
        full &= taken > most - Math.max(1, most / CALM);
    }

    /**
     * Whether a load balancer should send clients elsewhere. True from the moment the last place is taken until some
     * places are free.
     */
    public synchronized boolean isFull() {
        return full;
    }

    /** How many connections the edge may have at once. */
    public int most() {
        return most;
    }

    int mostPerUser() {
        return mostPerUser;
    }
}
