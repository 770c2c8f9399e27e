package io.rejoin.edge.session;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.edge.fanout.DelayedTasks;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Broken connections that have not left their rooms yet. They leave after a grace period. If the user reconnects within
 * that period, the other members see neither a leave nor a join. Safe for any thread.
 */
final class GracePeriods {
    /** At most this many connections wait, which bounds memory. Further ones leave at once. */
    private static final int MAX_WAITING = 50_000;

    /** A broken connection, and the rooms that still list it. */
    static final class BrokenConnection implements PendingCommandsOfConnection.CommandOwner {
        private final ConnectionId connection;
        private final List<RoomId> rooms;
        private final PendingCommandsOfConnection pendingOfConnection = new PendingCommandsOfConnection();

        BrokenConnection(ConnectionId connection, List<RoomId> rooms) {
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
        public PendingCommandsOfConnection pendingOfConnection() {
            return pendingOfConnection;
        }
    }

    private final Duration grace;
    private final DelayedTasks delayedTasks;
    private final Consumer<BrokenConnection> leave;
    private final Set<BrokenConnection> waiting = ConcurrentHashMap.newKeySet();

    /**
     * @param grace zero for no grace period
     * @param leave appends the commands by which the connection leaves its rooms
     */
    GracePeriods(Duration grace, DelayedTasks delayedTasks, Consumer<BrokenConnection> leave) {
        this.grace = grace;
        this.delayedTasks = delayedTasks;
        this.leave = leave;
    }

    /** Lets a connection leave its rooms after the grace period. */
    void add(BrokenConnection broken) {
        if (broken.rooms().isEmpty()) return;
        if (grace.isZero() || waiting.size() >= MAX_WAITING) {
            leave.accept(broken);
            return;
        }
        waiting.add(broken);
        delayedTasks.schedule(grace, () -> leaveNow(broken));
    }

    /** How many connections have not left yet. */
    int count() {
        return waiting.size();
    }

    /** Lets all waiting connections leave now. The edge calls this when it ends, because nothing would do so later. */
    void endAll() {
        waiting.forEach(this::leaveNow);
    }

    private void leaveNow(BrokenConnection broken) {
        if (waiting.remove(broken)) leave.accept(broken);
    }
}
