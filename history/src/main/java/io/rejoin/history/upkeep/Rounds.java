package io.rejoin.history.upkeep;

import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that does rounds of work, with a rest after each round. */
final class Rounds implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Rounds.class);
    private static final Duration STOP = Duration.ofSeconds(5);

    @FunctionalInterface
    interface Round {
        /** Does one round. Returns how long to rest after it. */
        Duration run() throws InterruptedException;
    }

    private final Round round;
    private final Thread thread;

    /**
     * Creates the thread; it does nothing before {@link #start}.
     *
     * @param name  the thread's name
     * @param fatal called with the failure that ended the thread, unless {@link #close} ended it
     */
    Rounds(String name, Round round, Consumer<Throwable> fatal) {
        this.round = round;
        this.thread = Thread.ofVirtual().name(name).uncaughtExceptionHandler((_, cause) -> fatal.accept(cause))
                .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) Thread.sleep(round.run());
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
            thread.join(STOP);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
