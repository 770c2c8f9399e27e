package io.rejoin.history.api;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Interrupts whoever takes too long. A thread that is stuck in writing to a client that does not read gets out of it: an
 * interrupt closes the connection. Safe for any thread.
 */
final class Deadline implements AutoCloseable {
    private final Duration time;
    private final ScheduledExecutorService clock = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().name("deadline").daemon().factory());

    Deadline(Duration time) {
        this.time = time;
    }

    /** Does it, on this thread; interrupted if it is not done in time. */
    void run(Runnable task) {
        var thread = Thread.currentThread();
        var isOver = new AtomicBoolean();
        var alarm = clock.schedule(() -> {
            if (isOver.compareAndSet(false, true)) thread.interrupt();
        }, time.toMillis(), TimeUnit.MILLISECONDS);
        try {
            task.run();
        } finally {
            alarm.cancel(false);
            if (!isOver.compareAndSet(false, true)) Thread.interrupted(); // it has had its effect
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
