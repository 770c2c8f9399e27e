package io.rejoin.contracts.env;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The resources that a service has opened during its start. If the start fails, {@link #close} closes them, the last
 * one first. After {@link #keep}, the caller must close them. Not safe for concurrent use; threads may take turns.
 */
public final class StartupResources implements AutoCloseable {
    private final Deque<Part> parts = new ArrayDeque<>();

    /** A resource to close. */
    @FunctionalInterface
    private interface Part {
        void close() throws Exception;
    }

    /** Adds an open resource. */
    public <T extends AutoCloseable> T add(T part) {
        parts.push(part::close);
        return part;
    }

    /** Adds something that was started and that this action ends. */
    public void endBy(Runnable end) {
        parts.push(end::run);
    }

    /** Marks the start as done: {@link #close} closes nothing any more. */
    public void keep() {
        parts.clear();
    }

    /**
     * Closes all resources, even if one fails, and each only once. If the thread was interrupted, the interrupt is set
     * again after all are closed: Kafka's clients log an error if an interrupted thread closes them. The interrupt may
     * be the reason why the start failed.
     *
     * @throws RuntimeException the first failure, with the others as suppressed; an {@link IllegalStateException} for a
     *                          checked one
     */
    @Override
    public void close() {
        var interrupted = Thread.interrupted();
        RuntimeException failure = null;
        for (var part = parts.poll(); part != null; part = parts.poll()) failure = merge(failure, tryClose(part));
        if (interrupted) Thread.currentThread().interrupt();
        if (failure != null) throw failure;
    }

    private static @Nullable RuntimeException tryClose(Part part) {
        try {
            part.close();
            return null;
        } catch (RuntimeException e) {
            return e;
        } catch (Exception e) {
            return new IllegalStateException("cannot close a resource", e);
        }
    }

    private static @Nullable RuntimeException merge(@Nullable RuntimeException first,
            @Nullable RuntimeException next) {
        if (first == null) return next;
        if (next != null) first.addSuppressed(next);
        return first;
    }
}
