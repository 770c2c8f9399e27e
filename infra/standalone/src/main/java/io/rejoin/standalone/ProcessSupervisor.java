package io.rejoin.standalone;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Restarts a server process that ended unexpectedly, up to a bounded number of times. */
final class ProcessSupervisor implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ProcessSupervisor.class);
    private static final int RESTARTS = 5;

    private final String name;
    private final LongSupplier pid;
    private final Runnable restart;
    private final Consumer<Throwable> fatal;
    private volatile boolean closed;

    /**
     * Starts to watch the server.
     *
     * @param fatal called when the server cannot be kept running
     */
    ProcessSupervisor(String name, LongSupplier pid, Runnable restart, Consumer<Throwable> fatal) {
        this.name = name;
        this.pid = pid;
        this.restart = restart;
        this.fatal = fatal;
        Thread.ofVirtual().name("keep-" + name).start(this::keep);
    }

    private void keep() {
        try {
            for (var n = 0; n < RESTARTS; n++) {
                awaitEnd();
                if (closed) return;
                log.atWarn().addKeyValue("server", name).log("a server ended unexpectedly and is restarted");
                restart.run();
            }
            awaitEnd();
            throw new IllegalStateException(name + " ended unexpectedly " + (RESTARTS + 1) + " times");
        } catch (RuntimeException e) {
            if (!closed) fatal.accept(e);
        }
    }

    private void awaitEnd() {
        ProcessHandle.of(pid.getAsLong()).ifPresent(process -> process.onExit().join());
    }

    /** Stops watching. */
    @Override
    public void close() {
        closed = true;
    }
}
