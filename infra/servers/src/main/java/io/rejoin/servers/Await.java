package io.rejoin.servers;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Repeats an attempt until it succeeds or a time bound has passed. */
final class Await {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private Await() {}

    /**
     * Returns when {@code attempt} returns true. An exception of the attempt counts as false.
     *
     * @throws IllegalStateException after the bound; its cause is the last exception of an attempt
     */
    static void success(String what, Duration bound, Callable<Boolean> attempt) {
        var end = System.nanoTime() + bound.toNanos();
        @Nullable
        Exception last = null;
        while (System.nanoTime() < end) {
            try {
                if (attempt.call()) return;
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted: " + what, e);
            } catch (Exception e) {
                last = e;
                pause(what);
            }
        }
        throw new IllegalStateException("gave up after " + bound.toSeconds() + " s: " + what, last);
    }

    private static void pause(String what) {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: " + what, e);
        }
    }
}
