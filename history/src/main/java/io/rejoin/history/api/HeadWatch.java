package io.rejoin.history.api;

import io.rejoin.contracts.RoomId;
import io.rejoin.history.store.Committed;
import io.rejoin.history.store.Head;
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
 * Who waits for which room to grow. It hears of growth from this instance's ingest, and of rooms that others read from
 * {@link HeadPoller}. Safe for any thread; the lock is held for memory only.
 */
final class HeadWatch implements Committed {
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

    /** As many wait as may. */
    static final class TooManyWaitersException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** One that waits for a room; growth from its creation on is not missed. To be closed. */
    final class Waiter implements AutoCloseable {
        private final RoomId room;
        private final Watched watched;

        private Waiter(RoomId room, Watched watched) {
            this.room = room;
            this.watched = watched;
        }

        /** The room's last message, as far as it is known here. */
        Head head() {
            lock.lock();
            try {
                return watched.head;
            } finally {
                lock.unlock();
            }
        }

        /**
         * Waits until the room has grown beyond a head, so that it is one that is waited for.
         *
         * @return false if the time is over, or the service ends
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

    /** Has that called when somebody begins to wait while nobody did; it returns at once. */
    void whenAwaited(Runnable action) {
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

    /** Says that the room has grown up to there; news that is old has no effect. */
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
    public void released(int partition) {} // HeadPoller hears of it now

    /** Returns once somebody waits for a room. For one thread. */
    void awaitAny() throws InterruptedException {
        lock.lock();
        try {
            while (waiters == 0) entered.await();
        } finally {
            lock.unlock();
        }
    }

    /** How many wait. */
    int count() {
        lock.lock();
        try {
            return waiters;
        } finally {
            lock.unlock();
        }
    }

    /** The rooms somebody waits for. */
    Set<RoomId> rooms() {
        lock.lock();
        try {
            return Set.copyOf(rooms.keySet());
        } finally {
            lock.unlock();
        }
    }

    /** Nobody waits any longer. */
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
