package io.rejoin.edge.session;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.edge.fanout.Later;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Connections that broke and have not left their rooms yet. They leave after a grace: for the others, a user who is back within
 * it was never away. Safe for any thread.
 */
final class Departures {
    /** Beyond that many, the next ones leave at once: it bounds memory. */
    private static final int MOST = 50_000;

    /** A connection that is no more, and the rooms that still show it. */
    static final class Departed implements Debts.Debtor {
        private final ConnectionId connection;
        private final List<RoomId> rooms;
        private final Debts debts = new Debts();

        Departed(ConnectionId connection, List<RoomId> rooms) {
            this.connection = connection;
            this.rooms = List.copyOf(rooms);
        }

        ConnectionId connection() {
            return connection;
        }

        List<RoomId> rooms() {
            return rooms;
        }

        @Override
        public Debts debts() {
            return debts;
        }
    }

    private final Duration grace;
    private final Later later;
    private final Consumer<Departed> leave;
    private final Set<Departed> waiting = ConcurrentHashMap.newKeySet();

    /**
     * @param grace zero for none
     * @param leave makes the routers learn that it left its rooms
     */
    Departures(Duration grace, Later later, Consumer<Departed> leave) {
        this.grace = grace;
        this.later = later;
        this.leave = leave;
    }

    /** A connection leaves its rooms when the grace is over. */
    void add(Departed departed) {
        if (departed.rooms().isEmpty()) return;
        if (grace.isZero() || waiting.size() >= MOST) {
            leave.accept(departed);
            return;
        }
        waiting.add(departed);
        later.run(grace, () -> depart(departed));
    }

    /** How many have not left yet. */
    int count() {
        return waiting.size();
    }

    /** All leave now: the edge ends, and nobody would say so later. */
    void departAll() {
        waiting.forEach(this::depart);
    }

    private void depart(Departed departed) {
        if (waiting.remove(departed)) leave.accept(departed);
    }
}
