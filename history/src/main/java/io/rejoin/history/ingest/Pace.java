package io.rejoin.history.ingest;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How far apart two polls are while events come all the time: a poll and a transaction cost the same for one event as for fifty.
 * Of the ingest's thread, but for {@link #hurry} and {@link #end}.
 */
final class Pace {
    private static final Duration EASY = Duration.ofMillis(250);
    /** The same while a reader waits for what comes next. */
    private static final Duration AWAITED = Duration.ofMillis(100);

    private final BooleanSupplier isAwaited;
    private final Duration easy;
    private final Duration awaited;
    private volatile @Nullable Thread resting;
    private volatile boolean isOver;

    /** @param isAwaited whether a reader waits; any thread asks */
    Pace(BooleanSupplier isAwaited) {
        this(isAwaited, EASY, AWAITED);
    }

    /** With other times between two polls. */
    Pace(BooleanSupplier isAwaited, Duration easy, Duration awaited) {
        this.isAwaited = isAwaited;
        this.easy = easy;
        this.awaited = awaited;
    }

    /**
     * Waits for more to come, if the last poll was just now: not when that was followed by a large batch.
     *
     * @param polledAt by the stopwatch
     */
    void rest(long polledAt) {
        resting = Thread.currentThread();
        for (var left = left(polledAt); left > 0 && !isOver; left = left(polledAt)) LockSupport.parkNanos(this, left);
        resting = null;
    }

    private long left(long polledAt) {
        return polledAt + (isAwaited.getAsBoolean() ? awaited : easy).toNanos() - System.nanoTime();
    }

    /** A reader has begun to wait. Safe for any thread. */
    void hurry() {
        LockSupport.unpark(resting);
    }

    /** Nobody rests any more. Safe for any thread. */
    void end() {
        isOver = true;
        hurry();
    }
}
