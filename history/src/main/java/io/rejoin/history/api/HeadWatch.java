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
final class HeadWatch implements IngestListener {
    private final int maxWaiters;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition entered = lock.newCondition();
    private final Map<RoomId, Watched> rooms = new HashMap<>();
    private int waiters;
    private boolean closed;
    private volatile Runnable begun = () -> {};

    private final class Watched {
        private final Condition grown = lock.newCondition();
        private Head head = Head.NONE;
        private int waiters;
    }

    HeadWatch(int maxWaiters) {
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
        private final Watched watched;

        private Waiter(RoomId room, Watched watched) {
            this.room = room;
            this.watched = watched;
        }

        /** The newest head of the room that was reported while a request waits for it. */
        Head head() {
            lock.lock();
            try {
                return watched.head;
            } finally {
                lock.unlock();
            }
        }

        /**
         * Waits until the room's head is beyond {@code seen} and matches {@code wanted}.
         *
         * @return false if the time is over or the service stops
         */
        boolean await(Head seen, Predicate<Head> wanted, Duration time) throws InterruptedException {
            var nanos = time.toNanos();
            lock.lock();
            try {
                while (watched.head.compareTo(seen) <= 0 || !wanted.test(watched.head)) {
                    if (closed || nanos <= 0) return false;
                    nanos = watched.grown.awaitNanos(nanos);
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
                if (--watched.waiters == 0) rooms.remove(room);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Sets the action to run when the first request begins to wait. The action must return at once. */
    void onFirstWaiter(Runnable action) {
        begun = action;
    }

    Waiter enter(RoomId room) throws TooManyWaitersException {
        var isFirst = false;
        lock.lock();
        try {
            if (waiters >= maxWaiters) throw new TooManyWaitersException();
            isFirst = waiters == 0;
            waiters++;
            entered.signal();
            var watched = rooms.computeIfAbsent(room, _ -> new Watched());
            watched.waiters++;
            return new Waiter(room, watched);
        } finally {
            lock.unlock();
            if (isFirst) begun.run();
        }
    }

    /** Reports a head of a room. An older head than the known one has no effect. */
    void grown(RoomId room, Head head) {
        lock.lock();
        try {
            var watched = rooms.get(room);
            if (watched == null || head.compareTo(watched.head) <= 0) return;
            watched.head = head;
            watched.grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void stored(int partition, List<MessageRow> rows) {
        var heads = new HashMap<RoomId, Head>();
        for (var row : rows) heads.put(row.room(), new Head(row.epoch(), row.message().seq()));
        heads.forEach(this::grown);
    }

    @Override
    public void released(int partition) {} // HeadPoller finds new messages of that partition

    /** Returns as soon as a request waits for a room. Only one thread may call this. */
    void awaitAny() throws InterruptedException {
        lock.lock();
        try {
            while (waiters == 0) entered.await();
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
            closed = true;
            for (var watched : rooms.values()) watched.grown.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
