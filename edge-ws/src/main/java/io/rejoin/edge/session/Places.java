package io.rejoin.edge.session;

import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.RefusalCode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places for connections: so many in all, and so many for one user. Each that is taken is given back once. Safe for any
 * thread; the monitor is held for memory only.
 */
public final class Places {
    /** An edge that was full is so until this part of its places is free, so that a load balancer does not see it flap. */
    private static final int CALM = 20;

    private final int most;
    private final int mostPerUser;
    private final Map<UserId, Integer> byUser = new HashMap<>();
    private int taken;
    private boolean full;

    public Places(int most, int mostPerUser) {
        this.most = most;
        this.mostPerUser = mostPerUser;
    }

    /**
     * Takes a place for a connection that is about to be.
     *
     * @return null, or why there is none
     */
    synchronized @Nullable RefusalCode take(UserId user) {
        var refusal = ask(user);
        if (refusal != null) return refusal;
        byUser.merge(user, 1, Integer::sum);
        full |= ++taken >= most;
        return null;
    }

    /** As {@link #take}, and takes nothing. */
    synchronized @Nullable RefusalCode ask(UserId user) {
        if (taken >= most) return RefusalCode.FULL;
        return byUser.getOrDefault(user, 0) >= mostPerUser ? RefusalCode.TOO_MANY_CONNECTIONS : null;
    }

    synchronized void giveBack(UserId user) {
        byUser.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
        taken--;
        full &= taken > most - Math.max(1, most / CALM);
    }

    /** Whether clients had better be sent elsewhere: since the last place was taken, until some are free. */
    public synchronized boolean isFull() {
        return full;
    }

    /** Most connections at once. */
    public int most() {
        return most;
    }

    int mostPerUser() {
        return mostPerUser;
    }
}
