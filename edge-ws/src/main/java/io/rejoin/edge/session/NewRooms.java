package io.rejoin.edge.session;

import io.rejoin.contracts.UserId;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * How fast a connection, and all connections of a user on this edge together, may join rooms that nobody on this edge is in. Every
 * such room may be new, and costs a router memory. Safe for any thread.
 *
 * <p>Each limit is a leaky bucket, kept as the moment at which it is empty (the generic cell rate algorithm).
 */
public final class NewRooms {
    /** Times of a connection's rate and burst that a user's connections have together. */
    private static final int CONNECTIONS = 5;

    private final Limit connection;
    private final Limit user;
    private final ConcurrentMap<UserId, Long> emptyAt = new ConcurrentHashMap<>();

    /**
     * @param rate  rooms a second of one connection
     * @param burst rooms that one connection may join at once
     */
    public NewRooms(int rate, int burst) {
        connection = new Limit(TimeUnit.SECONDS.toNanos(1) / rate, burst);
        user = new Limit(TimeUnit.SECONDS.toNanos(1) / rate / CONNECTIONS, (long) burst * CONNECTIONS);
    }

    /**
     * A bucket of {@code burst} drops, from which one runs out in each interval.
     *
     * @param interval in nanoseconds
     */
    private record Limit(long interval, long burst) {
        /** Nanoseconds until one more fits; zero or less if it fits now. */
        long wait(long emptyAt, long now) {
            return Math.max(emptyAt - now, 0) + interval - burst * interval;
        }

        /** When the bucket will be empty after one more. */
        long add(long emptyAt, long now) {
            return now + Math.max(emptyAt - now, 0) + interval;
        }
    }

    /**
     * Counts one more, if it may be.
     *
     * @param now by {@link System#nanoTime}
     * @return zero if it was counted, else the time after which to try again
     */
    Duration take(Session session, long now) {
        var own = session.newRoomsEmptyAt();
        var wait = connection.wait(own, now);
        if (wait <= 0) wait = takeOfUser(session.user(), now);
        if (wait > 0) return Duration.ofNanos(wait);
        session.newRoomsEmptyAt(connection.add(own, now));
        return Duration.ZERO;
    }

    private long takeOfUser(UserId id, long now) {
        var wait = new long[1];
        emptyAt.compute(id, (_, known) -> {
            var at = known == null ? now : known;
            wait[0] = user.wait(at, now);
            return wait[0] > 0 ? known : Long.valueOf(user.add(at, now));
        });
        return wait[0];
    }

    /** Forgets the users who have used up nothing; called now and then. */
    void forget(long now) {
        emptyAt.values().removeIf(at -> at - now <= 0);
    }

    /** How many users are remembered. */
    int users() {
        return emptyAt.size();
    }
}
