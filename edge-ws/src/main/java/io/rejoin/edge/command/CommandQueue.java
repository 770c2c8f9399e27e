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

    private record Entry<T>(T value, int bytes, boolean isUrgent) {}

    /**
     * The polling thread, while it may be parked.
     *
     * @param isPatient whether only what is urgent wakes it
     */
    private record Sleeper(Thread thread, boolean isPatient) {}

    private final int mostEntries;
    private final long mostBytes;
    private final Queue<Entry<T>> entries = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    /** How many of the entries are urgent; one that is about to be added counts. */
    private final AtomicInteger urgent = new AtomicInteger();
    private volatile @Nullable Sleeper sleeper;

    CommandQueue(int mostEntries, long mostBytes) {
        this.mostEntries = mostEntries;
        this.mostBytes = mostBytes;
    }

    /**
     * Adds at the end.
     *
     * @param isUrgent whether a thread wakes for it that {@link #restUnlessUrgent rests}
     * @return false when there is no room, or when closed; an empty queue has room for anything
     */
    boolean offer(T value, int size, boolean isUrgent) {
        if (count.incrementAndGet() > mostEntries) {
            count.decrementAndGet();
            return false;
        }
        if (bytes.addAndGet(size) > mostBytes && count.get() > 1) {
            bytes.addAndGet(-size);
            count.decrementAndGet();
            return false;
        }
        if (isUrgent) urgent.incrementAndGet();
        entries.add(new Entry<>(value, size, isUrgent));
        wake(isUrgent);
        return true;
    }

    private void wake(boolean isUrgent) {
        var sleeping = sleeper;
        if (sleeping != null && (isUrgent || !sleeping.isPatient())) LockSupport.unpark(sleeping.thread());
    }

    /** Takes the first; null when there is none. */
    @Nullable
    T poll() {
        var first = entries.poll();
        if (first == null) return null;
        count.decrementAndGet();
        bytes.addAndGet(-first.bytes());
        if (first.isUrgent()) urgent.decrementAndGet();
        return first.value();
    }

    /** Takes the first, however long it takes to come; null when there is none, and the queue is closed. */
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

    /** Lets about that time pass, whatever comes meanwhile: waking up costs more than most of what is woken for. */
    void rest(long nanos) throws InterruptedException {
        LockSupport.parkNanos(this, nanos);
        if (Thread.interrupted()) throw new InterruptedException();
    }

    /** The same; less time when something urgent is there, or comes, or the queue is closed. */
    void restUnlessUrgent(long nanos) throws InterruptedException {
        sleeper = new Sleeper(Thread.currentThread(), true);
        if (urgent.get() == 0 && !isClosed()) LockSupport.parkNanos(this, nanos);
        sleeper = null;
        if (Thread.interrupted()) throw new InterruptedException();
    }

    /** Takes nothing more in; whoever waits for something does so no longer. */
    void close() {
        count.getAndUpdate(now -> now < CLOSED ? now + CLOSED : now);
        wake(true);
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
