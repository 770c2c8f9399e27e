package io.rejoin.history.upkeep;

import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that runs a task again and again, with a pause after each run. */
final class PeriodicTask implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PeriodicTask.class);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    @FunctionalInterface
    interface Task {
        /** Does one round of the work. Returns how long to pause after it. */
        Duration run() throws InterruptedException;
    }

    private final Task task;
    private final Thread thread;

    /**
     * Creates the thread; it does nothing before {@link #start}.
     *
     * @param name  the thread's name
     * @param fatal called with the failure that ended the thread, unless {@link #close} ended it
     */
    PeriodicTask(String name, Task task, Consumer<Throwable> fatal) {
        this.task = task;
        this.thread = Thread.ofVirtual().name(name).uncaughtExceptionHandler((_, cause) -> fatal.accept(cause))
                .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) Thread.sleep(task.run());
        } catch (InterruptedException _) {
            log.atDebug().addKeyValue("rounds", thread.getName()).log("background job stopped");
        }
    }

    /** Interrupts the running round and waits for the end of the thread, within a bound. */
    @Override
    public void close() {
        if (thread.getState() == Thread.State.NEW) return;
        thread.interrupt();
        try {
            thread.join(STOP_TIMEOUT);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
