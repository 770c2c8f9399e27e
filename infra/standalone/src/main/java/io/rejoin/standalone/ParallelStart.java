package io.rejoin.standalone;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Starts several parts at the same time: all of them, or none. */
final class ParallelStart {
    private ParallelStart() {}

    /**
     * Returns the results, in order, when all parts have started. If one fails, the started ones are closed and the
     * first failure is thrown.
     */
    static <T extends AutoCloseable> List<T> start(List<Callable<T>> starts) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            return results(starts.stream().map(threads::submit).toList());
        }
    }

    private static <T extends AutoCloseable> List<T> results(List<Future<T>> futures) {
        var started = new ArrayList<T>();
        Throwable failure = null;
        for (var future : futures) {
            try {
                started.add(future.get());
            } catch (ExecutionException e) {
                if (failure == null) failure = e.getCause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                futures.forEach(other -> other.cancel(true));
                if (failure == null) failure = e;
            }
        }
        if (failure == null) return started;
        Stop.all(started);
        if (failure instanceof RuntimeException unchecked) throw unchecked;
        throw new IllegalStateException("the start failed", failure);
    }
}
