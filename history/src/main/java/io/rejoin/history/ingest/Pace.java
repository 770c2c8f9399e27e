package io.rejoin.history.ingest;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a minimum interval between two polls while events arrive steadily. A poll and a transaction cost the same for
 * one event as for fifty. Only the ingest's thread uses it, except for {@link #shortenWait} and {@link #end}.
 */
final class Pace {
    private static final Duration EASY = Duration.ofMillis(250);
    /** The interval while a reader waits for new messages. */
    private static final Duration AWAITED = Duration.ofMillis(100);

    private final BooleanSupplier hasWaiters;
    private final Duration easy;
    private final Duration awaited;
    private volatile @Nullable Thread resting;
    private volatile boolean isOver;

    /** @param hasWaiters whether a reader waits; called on any thread */
    Pace(BooleanSupplier hasWaiters) {
        this(hasWaiters, EASY, AWAITED);
    }

    /** Like the other constructor, with other intervals. */
    Pace(BooleanSupplier hasWaiters, Duration easy, Duration awaited) {
        this.hasWaiters = hasWaiters;
        this.easy = easy;
        this.awaited = awaited;
    }

    /**
     * Waits until the interval since the last poll is over, so that more events arrive. Does not wait if storing the
     * last batch took longer than the interval.
     *
     * @param polledAt the {@code System.nanoTime} of the last poll
     */
    void rest(long polledAt) {
        resting = Thread.currentThread();
        for (var left = left(polledAt); left > 0 && !isOver; left = left(polledAt)) LockSupport.parkNanos(this, left);
        resting = null;
    }

    private long left(long polledAt) {
        return polledAt + (hasWaiters.getAsBoolean() ? awaited : easy).toNanos() - System.nanoTime();
    }

    /** A reader has begun to wait: shortens the running wait. Safe for any thread. */
    void shortenWait() {
        LockSupport.unpark(resting);
    }

    /** Ends all waits, now and later. Safe for any thread. */
    void end() {
        isOver = true;
        shortenWait();
    }
}
