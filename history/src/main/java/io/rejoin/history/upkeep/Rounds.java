package io.rejoin.history.upkeep;

import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that does one round of work after the other, with a rest between them. */
final class Rounds implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Rounds.class);
    private static final Duration STOP = Duration.ofSeconds(5);

    @FunctionalInterface
    interface Round {
        /** Does it, and says how long to rest after it. */
        Duration run() throws InterruptedException;
    }

    private final Round round;
    private final Thread thread;

    /**
     * Does nothing before {@link #start}.
     *
     * @param name  of the thread
     * @param fatal called with what ended it, if it was not {@link #close}
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
            log.atDebug().addKeyValue("rounds", thread.getName()).log("stopped");
        }
    }

    /** Interrupts the round under way, and returns once the thread has ended, within a bound. */
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
