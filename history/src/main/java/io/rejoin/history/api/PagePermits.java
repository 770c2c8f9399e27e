package io.rejoin.history.api;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Limits how many pages are in memory at once. A request holds a permit from before the read until the client has its
 * page. Safe for any thread.
 */
final class PagePermits {
    /** Memory for one full page in bytes: its rows, objects and JSON together. */
    private static final long MEMORY_PER_PAGE = 8L * 1024 * 1024;

    private final Semaphore semaphore;
    private final Duration timeout;

    /** @param timeout how long a request may wait for a permit */
    PagePermits(int permits, Duration timeout) {
        this.semaphore = new Semaphore(permits, true);
        this.timeout = timeout;
    }

    /** The number of permits for that much memory: from 2 to 1,024. */
    static int permitsForMemory(long bytes) {
        return Math.clamp(bytes / MEMORY_PER_PAGE, 2, 1_024);
    }

    /** No permit became free in time. */
    static final class NoPermitException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** A held permit; closing it releases the permit. */
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    Permit acquire() throws NoPermitException, InterruptedException {
        if (!semaphore.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) throw new NoPermitException();
        return semaphore::release;
    }
}
