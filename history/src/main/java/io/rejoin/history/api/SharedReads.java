package io.rejoin.history.api;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Merges identical concurrent reads: a caller that comes while an equal read runs gets the result of that read. Results
 * are not cached.
 */
final class SharedReads<K, V> {
    private final ConcurrentHashMap<K, FutureTask<V>> runningReads = new ConcurrentHashMap<>();

    /**
     * Returns the result of the read, which this caller or a concurrent one makes. A failure of the read is thrown to
     * both.
     *
     * @param key  equal for reads that may share a result
     * @param read must throw unchecked exceptions only
     */
    V read(K key, Supplier<V> read) throws InterruptedException {
        var ownTask = new FutureTask<>(read::get);
        var runningTask = runningReads.putIfAbsent(key, ownTask);
        if (runningTask != null) return result(runningTask);
        try {
            ownTask.run();
        } finally {
            runningReads.remove(key, ownTask);
        }
        return result(ownTask);
    }

    private static <V> V result(FutureTask<V> task) throws InterruptedException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) throw cause;
            if (e.getCause() instanceof Error cause) throw cause;
            throw new IllegalStateException("a read threw a checked exception", e);
        }
    }
}
