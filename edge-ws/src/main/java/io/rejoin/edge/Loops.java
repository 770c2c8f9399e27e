package io.rejoin.edge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads an edge lives by: should one of them end before the edge does, the edge is dead and says so, once. */
final class Loops {
    private static final Logger log = LoggerFactory.getLogger(Loops.class);

    private final Consumer<Throwable> fatal;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean dead;

    Loops(Consumer<Throwable> fatal) {
        this.fatal = fatal;
    }

    void start(String name, Runnable loop) {
        threads.add(Thread.ofPlatform().name(name).start(() -> {
            try {
                loop.run();
                died(new IllegalStateException(name + " ended by itself"));
            } catch (RuntimeException | Error e) {
                died(new IllegalStateException(name + " died", e));
            }
        }));
    }

    /** Something the edge cannot do without is gone. */
    void died(Throwable cause) {
        if (!over.compareAndSet(false, true)) return;
        dead = true;
        log.atError().setCause(cause).log("the edge cannot go on; its process has to be started anew");
        fatal.accept(cause);
    }

    /** Whether none has ended that should not have. */
    boolean areAlive() {
        return !dead;
    }

    /** From here on threads may end. */
    void mayEnd() {
        over.set(true);
    }

    /** Waits until all have ended; false when they have not in time. */
    boolean join(Duration atMost) throws InterruptedException {
        var until = System.nanoTime() + atMost.toNanos();
        for (var thread : threads) {
            if (!thread.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())))) return false;
        }
        return true;
    }
}
