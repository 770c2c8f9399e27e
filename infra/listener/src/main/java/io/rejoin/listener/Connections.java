package io.rejoin.listener;

import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The connections of a listener, which are bounded: all of them, since each is an open file, and the plain ones, since each
 * waits for a request with a thread and a buffer. Safe for any thread.
 */
final class Connections {
    private final Set<Accepted> all = ConcurrentHashMap.newKeySet();
    /** Those that are not upgraded. */
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

    /** Takes a place for a connection that is about to be; false when there was none in that time. */
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

    /** Gives a place back that no connection got. */
    void givePlaceBack() {
        plainPlaces.release();
        places.release();
    }

    /** The connection takes the place over. */
    void begun(Connection connection) {
        all.add(connection);
        plain.add(connection);
    }

    void upgraded(Connection connection) {
        if (plain.remove(connection)) plainPlaces.release();
    }

    /**
     * From here on a transport stands for the connection, which is upgraded.
     *
     * @return false when all were asked to end meanwhile, and it may not have been
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

    /** Of all that are not upgraded at about this moment. */
    void forEachPlain(Consumer<Connection> action) {
        plain.forEach(action);
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

    /** One that could go, and since when it does nothing: looked at once, since it may begin to do something at any moment. */
    private record Candidate(Connection connection, long since) {}

    /**
     * Ends some that keep a place without doing anything, those first that do so for longest: a client that means it has sent
     * its request in far less time.
     */
    void makeRoom(int most, long now) {
        plain.stream().filter(connection -> connection.isDispensable(now))
                .map(connection -> new Candidate(connection, connection.progress().since() - now))
                .sorted(Comparator.comparingLong(Candidate::since)).limit(most)
                .forEach(candidate -> candidate.connection().abort());
    }

    /** Asks all to end, as soon as what they are doing is done. */
    void stop() {
        isStopped = true;
        all.forEach(Accepted::stop);
    }

    /** Ends all. */
    void stopNow() {
        all.forEach(Accepted::stopNow);
    }

    /** Ends what is left. */
    void abort() {
        all.forEach(Accepted::abort);
    }
}
