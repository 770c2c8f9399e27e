package io.rejoin.edge.session;

import io.rejoin.contracts.UserId;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * Limits how fast connections may join rooms that no connection of this edge is in. One limit holds for each
 * connection, another for all connections of a user on this edge together. Each such room may be new, and a new room
 * costs memory in a router. Safe for any thread.
 *
 * <p>Each limit is a leaky bucket, stored as the time at which it is empty (the generic cell rate algorithm).
 */
public final class NewRoomLimit {
    /** The connections of one user together get this many times the rate and the burst of one connection. */
    private static final int USER_FACTOR = 5;

    private final Limit connection;
    private final Limit user;
    private final ConcurrentMap<UserId, Long> emptyAt = new ConcurrentHashMap<>();

    /**
     * @param rate  rooms per second for one connection
     * @param burst rooms that one connection may join at once
     */
    public NewRoomLimit(int rate, int burst) {
        connection = new Limit(TimeUnit.SECONDS.toNanos(1) / rate, burst);
        user = new Limit(TimeUnit.SECONDS.toNanos(1) / rate / USER_FACTOR, (long) burst * USER_FACTOR);
    }

    /**
     * A bucket that holds {@code burst} drops and loses one drop in each interval.
     */
    private record Limit(long intervalNanos, long burst) {
        /** Nanoseconds until one more drop fits; zero or less if it fits now. */
        long waitNanos(long emptyAt, long now) {
            return Math.max(emptyAt - now, 0) + intervalNanos - burst * intervalNanos;
        }

        /** The time at which the bucket is empty after one more drop. */
        long add(long emptyAt, long now) {
            return now + Math.max(emptyAt - now, 0) + intervalNanos;
        }
    }

    /**
     * Counts one more room if the limits allow it.
     *
     * @param now by {@link System#nanoTime}
     * @return zero if the room was counted, else how long to wait before the next try
     */
    Duration acquire(Session session, long now) {
        var own = session.newRoomsEmptyAt();
        var wait = connection.waitNanos(own, now);
        if (wait <= 0) wait = acquireForUser(session.user(), now);
        if (wait > 0) return Duration.ofNanos(wait);
        session.setNewRoomsEmptyAt(connection.add(own, now));
        return Duration.ZERO;
    }

    private long acquireForUser(UserId id, long now) {
        var wait = new long[1];
        emptyAt.compute(id, (_, known) -> {
            var at = known == null ? now : known;
            wait[0] = user.waitNanos(at, now);
            return wait[0] > 0 ? known : Long.valueOf(user.add(at, now));
        });
        return wait[0];
    }

    /** Forgets the users whose bucket is empty. Called periodically. */
    void removeIdle(long now) {
        emptyAt.values().removeIf(at -> at - now <= 0);
    }

    /** How many users have a bucket in memory. */
    int userCount() {
        return emptyAt.size();
    }
}
