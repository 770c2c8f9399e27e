package io.rejoin.history.api;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds how many pages are in memory at once: each holds a place from before it is read until its client has it. Safe for any
 * thread.
 */
final class Places {
    /** What a full page takes on its way: as rows, as objects and as JSON. */
    private static final long PAGE = 8L * 1024 * 1024;

    private final Semaphore free;
    private final Duration patience;

    /** @param patience how long one may wait for a place */
    Places(int places, Duration patience) {
        this.free = new Semaphore(places, true);
        this.patience = patience;
    }

    /** As many as fit into so much memory, and two at least. */
    static int within(long bytes) {
        return Math.clamp(bytes / PAGE, 2, 1_024);
    }

    /** No place became free in time. */
    static final class NoPlaceException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** A place that is held. */
    interface Place extends AutoCloseable {
        @Override
        void close();
    }

    Place take() throws NoPlaceException, InterruptedException {
        if (!free.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) throw new NoPlaceException();
        return free::release;
    }
}
