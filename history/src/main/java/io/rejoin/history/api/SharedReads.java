package io.rejoin.history.api;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** Makes identical concurrent reads once: whoever comes while one is under way gets its result. Keeps no result. */
final class SharedReads<K, V> {
    private final ConcurrentHashMap<K, FutureTask<V>> running = new ConcurrentHashMap<>();

    /**
     * The result of the read, made here or by somebody else, whose exception is thrown too.
     *
     * @param key  equal for reads that may share a result
     * @param read unchecked exceptions only
     */
    V read(K key, Supplier<V> read) throws InterruptedException {
        var mine = new FutureTask<>(read::get);
        var first = running.putIfAbsent(key, mine);
        if (first != null) return result(first);
        try {
            mine.run();
        } finally {
            running.remove(key, mine);
        }
        return result(mine);
    }

    private static <V> V result(FutureTask<V> task) throws InterruptedException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) throw cause;
            if (e.getCause() instanceof Error cause) throw cause;
            throw new IllegalStateException("a read failed in a way it cannot", e);
        }
    }
}
