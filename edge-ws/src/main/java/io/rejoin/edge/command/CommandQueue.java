package io.rejoin.edge.command;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be appended, bounded in entries and in bytes. Any thread offers; one thread polls.
 *
 * <p>An offer takes no lock. Clients' threads are virtual and offer while they hold their session's monitor: one that was parked
 * there would make the threads of Kafka's clients wait for it.
 */
final class CommandQueue<T> {
    /** What is counted beyond the entries once it is closed: more than there may ever be. */
    private static final int CLOSED = 1 << 30;

    private record Entry<T>(T value, int bytes) {}

    private final int mostEntries;
    private final long mostBytes;
    private final Queue<Entry<T>> entries = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    /** The polling thread, while it may be parked. */
    private volatile @Nullable Thread parked;

    CommandQueue(int mostEntries, long mostBytes) {
        this.mostEntries = mostEntries;
        this.mostBytes = mostBytes;
    }

    /** Adds at the end; false when there is no room, or when closed. An empty queue has room for anything. */
    boolean offer(T value, int size) {
        if (count.incrementAndGet() > mostEntries) {
            count.decrementAndGet();
            return false;
        }
        if (bytes.addAndGet(size) > mostBytes && count.get() > 1) {
            bytes.addAndGet(-size);
            count.decrementAndGet();
            return false;
        }
        entries.add(new Entry<>(value, size));
        wake();
        return true;
    }

    private void wake() {
        var waiting = parked;
        if (waiting != null) LockSupport.unpark(waiting);
    }

    /** Takes the first; null when there is none. */
    @Nullable
    T poll() {
        var first = entries.poll();
        if (first == null) return null;
        count.decrementAndGet();
        bytes.addAndGet(-first.bytes());
        return first.value();
    }

    /** Takes the first, however long it takes to come; null when there is none, and the queue is closed. */
    @Nullable
    T take() throws InterruptedException {
        while (true) {
            var first = poll();
            if (first != null || isClosed()) return first;
            parked = Thread.currentThread();
            if (entries.isEmpty() && !isClosed()) LockSupport.park(this);
            parked = null;
            if (Thread.interrupted()) throw new InterruptedException();
        }
    }

    /** Takes the first, which may come within that time. */
    @Nullable
    T poll(long nanos) throws InterruptedException {
        var until = System.nanoTime() + nanos;
        while (true) {
            var first = poll();
            var left = until - System.nanoTime();
            if (first != null || left <= 0) return first;
            parked = Thread.currentThread();
            if (entries.isEmpty()) LockSupport.parkNanos(this, left);
            parked = null;
            if (Thread.interrupted()) throw new InterruptedException();
        }
    }

    /** Takes nothing more in; whoever waits for something does so no longer. */
    void close() {
        count.getAndUpdate(now -> now < CLOSED ? now + CLOSED : now);
        wake();
    }

    private boolean isClosed() {
        return count.get() >= CLOSED;
    }

    /**
     * Takes the first of what is left; null when there is nothing, and will not be. Only when closed: an offer that came before may
     * still be about to add its entry, which is waited for.
     */
    @Nullable
    T pollRest() {
        while (count.get() > CLOSED) {
            var first = poll();
            if (first != null) return first;
            Thread.onSpinWait();
        }
        return null;
    }

    /** About how many wait. */
    int size() {
        return count.get() & (CLOSED - 1);
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }
}
