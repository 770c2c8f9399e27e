package io.rejoin.history.api;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Limits how many pages are in memory at once. A request holds a place from before the read until the client has its
 * page. Safe for any thread.
 */
final class PagePermits {
    /** Memory for one full page in bytes: its rows, objects and JSON together. */
    private static final long PAGE = 8L * 1024 * 1024;

    private final Semaphore free;
    private final Duration patience;

    /** @param patience how long a request may wait for a place */
    PagePermits(int places, Duration patience) {
        this.free = new Semaphore(places, true);
        this.patience = patience;
    }

    /** The number of places for that much memory: from 2 to 1,024. */
    static int within(long bytes) {
        return Math.clamp(bytes / PAGE, 2, 1_024);
    }

    /** No place became free in time. */
    static final class NoPlaceException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** A held place; closing it frees the place. */
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    Permit take() throws NoPlaceException, InterruptedException {
        if (!free.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) throw new NoPlaceException();
        return free::release;
    }
}
