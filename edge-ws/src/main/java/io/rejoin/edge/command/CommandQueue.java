package io.rejoin.edge.command;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A queue of commands to append, bounded in entries and in bytes. Any thread offers; one thread polls.
 *
 * <p>An offer takes no lock. The virtual threads of clients call it while they hold their session's monitor. If such a
 * thread were parked, threads of Kafka's clients would have to wait for the monitor.
 */
final class CommandQueue<T> {
    /** Added to the count when the queue is closed: more than the number of entries can ever be. */
    private static final int CLOSED = 1 << 30;

    private record Entry<T>(T value, int bytes, boolean isUrgent) {}

    /**
     * The polling thread, while it may be parked.
     *
     * @param wakesOnlyForUrgent whether only an urgent entry wakes the thread
     */
    private record Sleeper(Thread thread, boolean wakesOnlyForUrgent) {}

    private final int maxEntries;
    private final long maxBytes;
    private final Queue<Entry<T>> entries = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    /** The number of urgent entries, including those that a thread is about to add. */
    private final AtomicInteger urgentCount = new AtomicInteger();
    private volatile @Nullable Sleeper sleeper;

    CommandQueue(int maxEntries, long maxBytes) {
        this.maxEntries = maxEntries;
        this.maxBytes = maxBytes;
    }

    /**
     * Adds an entry at the end.
     *
     * @param isUrgent whether the entry wakes a thread in {@link #sleepUnlessUrgent}
     * @return false if there is no space, or the queue is closed; an empty queue has space for any size
     */
    boolean offer(T value, int size, boolean isUrgent) {
        if (count.incrementAndGet() > maxEntries) {
            count.decrementAndGet();
            return false;
        }
        if (bytes.addAndGet(size) > maxBytes && count.get() > 1) {
            bytes.addAndGet(-size);
            count.decrementAndGet();
            return false;
        }
        if (isUrgent) urgentCount.incrementAndGet();
        entries.add(new Entry<>(value, size, isUrgent));
        wake(isUrgent);
        return true;
    }

    private void wake(boolean isUrgent) {
        var sleeping = sleeper;
        if (sleeping != null && (isUrgent || !sleeping.wakesOnlyForUrgent())) LockSupport.unpark(sleeping.thread());
    }

    /** Removes the first entry; null if there is none. */
    @Nullable
    T poll() {
        var first = entries.poll();
        if (first == null) return null;
        count.decrementAndGet();
        bytes.addAndGet(-first.bytes());
        if (first.isUrgent()) urgentCount.decrementAndGet();
        return first.value();
    }

    /** Waits for the first entry and removes it; null if the queue is empty and closed. */
    @Nullable
    T take() throws InterruptedException {
        while (true) {
            var first = poll();
            if (first != null || isClosed()) return first;
            sleeper = new Sleeper(Thread.currentThread(), false);
            if (entries.isEmpty() && !isClosed()) LockSupport.park(this);
            sleeper = null;
            if (Thread.interrupted()) throw new InterruptedException();
        }
    }

    /** Sleeps for about that time, even if entries arrive: a wake-up would cost more than most entries are worth. */
    void sleep(long nanos) throws InterruptedException {
        LockSupport.parkNanos(this, nanos);
        if (Thread.interrupted()) throw new InterruptedException();
    }

    /** Like {@link #sleep}, but returns early when there is an urgent entry, or the queue is closed. */
    void sleepUnlessUrgent(long nanos) throws InterruptedException {
        sleeper = new Sleeper(Thread.currentThread(), true);
        if (urgentCount.get() == 0 && !isClosed()) LockSupport.parkNanos(this, nanos);
        sleeper = null;
        if (Thread.interrupted()) throw new InterruptedException();
    }

    /** Refuses all further entries, and wakes the polling thread. */
    void close() {
        count.getAndUpdate(now -> now < CLOSED ? now + CLOSED : now);
        wake(true);
    }

    private boolean isClosed() {
        return count.get() >= CLOSED;
    }

    /**
     * Removes the first of the remaining entries; null if there are none. Call it only when the queue is closed. An
     * offer from before may still be adding its entry; this method waits for it.
     */
    @Nullable
    T pollRemaining() {
        while (count.get() > CLOSED) {
            var first = poll();
            if (first != null) return first;
            Thread.onSpinWait();
        }
        return null;
    }

    /** The approximate number of entries. */
    int size() {
        return count.get() & (CLOSED - 1);
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }
}
