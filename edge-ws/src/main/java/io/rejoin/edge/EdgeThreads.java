package io.rejoin.edge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads that an edge needs. If one of them ends before the edge does, the edge is dead and reports it, once. */
final class EdgeThreads {
    private static final Logger log = LoggerFactory.getLogger(EdgeThreads.class);

    private final Consumer<Throwable> fatal;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean ignoreEnds = new AtomicBoolean();
    private volatile boolean isDead;

    EdgeThreads(Consumer<Throwable> fatal) {
        this.fatal = fatal;
    }

    void start(String name, Runnable task) {
        threads.add(Thread.ofPlatform().name(name).start(() -> {
            try {
                task.run();
                fail(new IllegalStateException(name + " ended by itself"));
            } catch (RuntimeException | Error e) {
                fail(new IllegalStateException(name + " died", e));
            }
        }));
    }

    /** Marks the edge as dead and reports the cause. Only the first call counts. */
    void fail(Throwable cause) {
        if (!ignoreEnds.compareAndSet(false, true)) return;
        isDead = true;
        log.atError().setCause(cause).log("the edge cannot continue; its process must be started again");
        fatal.accept(cause);
    }

    /** Whether no thread has ended too early. */
    boolean areAlive() {
        return !isDead;
    }

    /** Allows the threads to end from now on. */
    void allowEnd() {
        ignoreEnds.set(true);
    }

    /** Waits until all threads have ended; returns false on timeout. */
    boolean join(Duration timeout) throws InterruptedException {
        var deadline = System.nanoTime() + timeout.toNanos();
        for (var thread : threads) {
            if (!thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) return false;
        }
        return true;
    }
}
