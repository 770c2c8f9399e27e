package io.rejoin.history.api;

import io.rejoin.contracts.RoomId;
import io.rejoin.history.store.Head;
import io.rejoin.history.store.IngestListener;
import io.rejoin.history.store.MessageRow;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Requests that wait for new messages, by room. This instance's ingest reports new heads of its rooms;
 * {@link HeadPoller} reports those of rooms that other instances ingest. Safe for any thread. No I/O happens while the
 * lock is held.
 */
final class WaitingRequests implements IngestListener {
    private final int maxWaiters;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition waiterAdded = lock.newCondition();
    private final Map<RoomId, WaitedRoom> rooms = new HashMap<>();
    private int waiters;
    private boolean isClosed;
    private volatile Runnable onFirstWaiter = () -> {};

    private final class WaitedRoom {
        private final Condition headChanged = lock.newCondition();
        private Head head = Head.NONE;
        private int waiters;
    }

    WaitingRequests(int maxWaiters) {
        this.maxWaiters = maxWaiters;
    }

    /** The limit of waiting requests is reached. */
    static final class TooManyWaitersException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /**
     * A request that waits for a room. It misses no head that is reported after its creation. The caller must close it.
     */
    final class Waiter implements AutoCloseable {
        private final RoomId room;
        private final WaitedRoom waitedRoom;

        private Waiter(RoomId room, WaitedRoom waitedRoom) {
            this.room = room;
            this.waitedRoom = waitedRoom;
        }

        /** The newest head of the room that was reported while a request waits for it. */
        Head head() {
            lock.lock();
            try {
                return waitedRoom.head;
            } finally {
                lock.unlock();
            }
        }

        /**
         * Waits until the room's head is beyond {@code knownHead} and matches {@code condition}.
         *
         * @return false if the timeout has passed or the service stops
         */
        boolean await(Head knownHead, Predicate<Head> condition, Duration timeout) throws InterruptedException {
            var remainingNanos = timeout.toNanos();
            lock.lock();
            try {
                while (waitedRoom.head.compareTo(knownHead) <= 0 || !condition.test(waitedRoom.head)) {
                    if (isClosed || remainingNanos <= 0) return false;
                    remainingNanos = waitedRoom.headChanged.awaitNanos(remainingNanos);
                }
                return true;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                waiters--;
                if (--waitedRoom.waiters == 0) rooms.remove(room);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Sets the action to run when the first request begins to wait. The action must return at once. */
    void onFirstWaiter(Runnable action) {
        onFirstWaiter = action;
    }

    Waiter register(RoomId room) throws TooManyWaitersException {
        var isFirst = false;
        lock.lock();
        try {
            if (waiters >= maxWaiters) throw new TooManyWaitersException();
            isFirst = waiters == 0;
            waiters++;
            waiterAdded.signal();
            var waitedRoom = rooms.computeIfAbsent(room, _ -> new WaitedRoom());
            waitedRoom.waiters++;
            return new Waiter(room, waitedRoom);
        } finally {
            lock.unlock();
            if (isFirst) onFirstWaiter.run();
        }
    }

    /** Reports a head of a room. An older head than the known one has no effect. */
    void updateHead(RoomId room, Head head) {
        lock.lock();
        try {
            var waitedRoom = rooms.get(room);
            if (waitedRoom == null || head.compareTo(waitedRoom.head) <= 0) return;
            waitedRoom.head = head;
            waitedRoom.headChanged.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onStored(int partition, List<MessageRow> rows) {
        var heads = new HashMap<RoomId, Head>();
        for (var row : rows) heads.put(row.room(), new Head(row.epoch(), row.message().seq()));
        heads.forEach(this::updateHead);
    }

    @Override
    public void onReleased(int partition) {} // HeadPoller finds new messages of that partition

    /** Returns as soon as a request waits for a room. Only one thread may call this. */
    void awaitAnyWaiter() throws InterruptedException {
        lock.lock();
        try {
            while (waiters == 0) waiterAdded.await();
        } finally {
            lock.unlock();
        }
    }

    /** The number of waiting requests. */
    int count() {
        lock.lock();
        try {
            return waiters;
        } finally {
            lock.unlock();
        }
    }

    /** The rooms that requests wait for. */
    Set<RoomId> rooms() {
        lock.lock();
        try {
            return Set.copyOf(rooms.keySet());
        } finally {
            lock.unlock();
        }
    }

    /** Ends all waits, now and later. */
    void close() {
        lock.lock();
        try {
            isClosed = true;
            for (var waitedRoom : rooms.values()) waitedRoom.headChanged.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
