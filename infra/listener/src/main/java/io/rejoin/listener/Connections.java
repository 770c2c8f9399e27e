package io.rejoin.listener;

import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The open connections of a listener, with limits on their number. One limit is for all connections, because each is
 * an open file. Plain connections have another limit, because each waits for a request with a thread and a buffer. Safe
 * for any thread.
 */
final class Connections {
    private final Set<Accepted> all = ConcurrentHashMap.newKeySet();
    /** The connections that are not upgraded. */
    private final Set<Connection> plain = ConcurrentHashMap.newKeySet();
    private final Semaphore places;
    private final Semaphore plainPlaces;
    private final Deadlines deadlines;
    private volatile boolean isStopped;

    Connections(int most, int mostPlain, Deadlines deadlines) {
        this.places = new Semaphore(most);
        this.plainPlaces = new Semaphore(mostPlain);
        this.deadlines = deadlines;
    }

    /**
     * Takes a place for the next connection. Returns false when no place became free within the given time; that time
     * applies to each of the two bounds.
     */
    boolean takePlace(Duration patience) throws InterruptedException {
        if (!places.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) return false;
        var taken = false;
        try {
            taken = plainPlaces.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
        } finally {
            if (!taken) places.release();
        }
        return taken;
    }

    /** Returns a place that no connection used. */
    void givePlaceBack() {
        plainPlaces.release();
        places.release();
    }

    /** Adds a connection. It now holds the place that was taken for it. */
    void begun(Connection connection) {
        all.add(connection);
        plain.add(connection);
    }

    void upgraded(Connection connection) {
        if (plain.remove(connection)) plainPlaces.release();
    }

    /**
     * Replaces an upgraded connection by its transport.
     *
     * @return false when {@link #stop} ran meanwhile and may have missed the transport
     */
    boolean handedOver(Connection connection, Transport transport) {
        all.add(transport);
        all.remove(connection);
        return !isStopped;
    }

    void ended(Connection connection) {
        if (plain.remove(connection)) plainPlaces.release();
        ended((Accepted) connection);
    }

    void ended(Accepted accepted) {
        if (all.remove(accepted)) places.release();
    }

    /**
     * Runs the action for each plain connection. Connections that begin or end meanwhile may or may not be included.
     */
    void forEachPlain(Consumer<Connection> action) {
        plain.forEach(action);
    }

    int count() {
        return all.size();
    }

    int countPlain() {
        return plain.size();
    }

    /** Ends the plain connections that have exceeded a deadline. */
    void endOverdue(long now) {
        for (var connection : plain) {
            if (connection.progress().isOverdue(deadlines, now)) connection.abort();
        }
    }

    /**
     * A connection that could be ended, and since when it is idle. The time is read once, because the connection may
     * become active at any moment.
     */
    private record Candidate(Connection connection, long since) {}

    /**
     * Ends at most {@code most} silent connections, the longest silent first. A real client sends its request much
     * sooner.
     */
    void makeRoom(int most, long now) {
        plain.stream().filter(connection -> connection.isDispensable(now))
                .map(connection -> new Candidate(connection, connection.progress().since() - now))
                .sorted(Comparator.comparingLong(Candidate::since)).limit(most)
                .forEach(candidate -> candidate.connection().abort());
    }

    /** Asks all connections to end after their current work. */
    void stop() {
        isStopped = true;
        all.forEach(Accepted::stop);
    }

    /** Ends all connections without waiting for their current work. */
    void stopNow() {
        all.forEach(Accepted::stopNow);
    }

    /** Closes the sockets of all remaining connections. */
    void abort() {
        all.forEach(Accepted::abort);
    }
}
