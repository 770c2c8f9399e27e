package io.rejoin.listener;

import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The connections of a listener. Places bound those that are plain HTTP, or not even that as yet: a connection that becomes a
 * WebSocket gives its place back, since those are counted elsewhere. Safe for any thread.
 */
final class Connections {
    private final Set<Connection> all = ConcurrentHashMap.newKeySet();
    /** Those that hold a place. */
    private final Set<Connection> plain = ConcurrentHashMap.newKeySet();
    private final Semaphore places;
    private final Deadlines deadlines;

    Connections(int mostPlain, Deadlines deadlines) {
        this.places = new Semaphore(mostPlain);
        this.deadlines = deadlines;
    }

    /** Takes a place for a connection that is about to be; false when there was none in that time. */
    boolean takePlace(Duration patience) throws InterruptedException {
        return places.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Gives a place back that no connection got. */
    void givePlaceBack() {
        places.release();
    }

    /** The connection takes the place over. */
    void begun(Connection connection) {
        all.add(connection);
        plain.add(connection);
    }

    void upgraded(Connection connection) {
        if (plain.remove(connection)) places.release();
    }

    void ended(Connection connection) {
        all.remove(connection);
        if (plain.remove(connection)) places.release();
    }

    int count() {
        return all.size();
    }

    int countPlain() {
        return plain.size();
    }

    /** Ends those whose time is over. */
    void endOverdue(long now) {
        for (var connection : plain) {
            if (connection.progress().isOverdue(deadlines, now)) connection.abort();
        }
    }

    /**
     * Ends some that keep a place without doing anything, those first that do so for longest: a client that means it has sent
     * its request in far less time.
     *
     * @return how many
     */
    int makeRoom(int most, long now) {
        var idle = plain.stream().filter(connection -> connection.isDispensable(now))
                .sorted(Comparator.comparingLong(connection -> connection.progress().since() - now)).limit(most)
                .toList();
        idle.forEach(Connection::abort);
        return idle.size();
    }

    /** Asks all to end, as soon as what they are doing is done. */
    void stop() {
        all.forEach(Connection::stop);
    }

    /** Ends all. */
    void stopNow() {
        all.forEach(Connection::stopNow);
    }

    /** Ends what is left. */
    void abort() {
        all.forEach(Connection::abort);
    }
}
