package io.rejoin.history.ingest;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a minimum interval between two polls while events arrive steadily. A poll and a transaction cost the same for
 * one event as for fifty. Only the ingest's thread uses it, except for {@link #shortenWait} and {@link #stop}.
 */
final class PollThrottle {
    private static final Duration NORMAL_INTERVAL = Duration.ofMillis(250);
    /** The interval while a reader waits for new messages. */
    private static final Duration INTERVAL_WITH_WAITERS = Duration.ofMillis(100);

    private final BooleanSupplier hasWaiters;
    private final Duration normalInterval;
    private final Duration intervalWithWaiters;
    private volatile @Nullable Thread waitingThread;
    private volatile boolean isStopped;

    /** @param hasWaiters whether a reader waits; called on any thread */
    PollThrottle(BooleanSupplier hasWaiters) {
        this(hasWaiters, NORMAL_INTERVAL, INTERVAL_WITH_WAITERS);
    }

    /** Like the other constructor, with other intervals. */
    PollThrottle(BooleanSupplier hasWaiters, Duration normalInterval, Duration intervalWithWaiters) {
        this.hasWaiters = hasWaiters;
        this.normalInterval = normalInterval;
        this.intervalWithWaiters = intervalWithWaiters;
    }

    /**
     * Waits until the interval since the last poll is over, so that more events arrive. Does not wait if storing the
     * last batch took longer than the interval.
     *
     * @param polledAt the {@code System.nanoTime} of the last poll
     */
    void awaitInterval(long polledAt) {
        waitingThread = Thread.currentThread();
        for (var nanos = remainingNanos(polledAt); nanos > 0 && !isStopped; nanos = remainingNanos(polledAt))
            LockSupport.parkNanos(this, nanos);
        waitingThread = null;
    }

    private long remainingNanos(long polledAt) {
        var interval = hasWaiters.getAsBoolean() ? intervalWithWaiters : normalInterval;
        return polledAt + interval.toNanos() - System.nanoTime();
    }

    /** A reader has begun to wait: shortens the running wait. Safe for any thread. */
    void shortenWait() {
        LockSupport.unpark(waitingThread);
    }

    /** Ends all waits, now and later. Safe for any thread. */
    void stop() {
        isStopped = true;
        shortenWait();
    }
}
