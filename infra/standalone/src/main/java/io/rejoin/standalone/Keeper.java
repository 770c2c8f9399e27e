package io.rejoin.standalone;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a server again that ended although nobody told it to, a bounded number of times. */
final class Keeper implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Keeper.class);
    private static final int RESTARTS = 5;

    private final String name;
    private final LongSupplier pid;
    private final Runnable restart;
    private final Consumer<Throwable> fatal;
    private final AtomicInteger restarts = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Begins to watch.
     *
     * @param fatal called when the server cannot be kept running
     */
    Keeper(String name, LongSupplier pid, Runnable restart, Consumer<Throwable> fatal) {
        this.name = name;
        this.pid = pid;
        this.restart = restart;
        this.fatal = fatal;
        watch();
    }

    private void watch() {
        ProcessHandle.of(pid.getAsLong()).ifPresentOrElse(
                process -> process.onExit().thenRun(() -> Thread.ofVirtual().start(this::ended)),
                () -> Thread.ofVirtual().start(this::ended));
    }

    private void ended() {
        if (closed.get()) return;
        if (restarts.incrementAndGet() > RESTARTS) {
            fatal.accept(new IllegalStateException(name + " ended by itself " + (RESTARTS + 1) + " times"));
            return;
        }
        log.atWarn().addKeyValue("server", name).log("ended by itself and is started again");
        try {
            restart.run();
            watch();
        } catch (RuntimeException e) {
            if (!closed.get()) fatal.accept(e);
        }
    }

    /** Stops watching. */
    @Override
    public void close() {
        closed.set(true);
    }
}
