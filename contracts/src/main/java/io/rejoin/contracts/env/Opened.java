package io.rejoin.contracts.env;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a service has opened so far. Where its start fails, all of that is closed, the last first; once it is {@link #keep kept},
 * whoever has it closes it. Of one thread at a time.
 */
public final class Opened implements AutoCloseable {
    private final Deque<Part> parts = new ArrayDeque<>();

    /** Something to be closed. */
    @FunctionalInterface
    private interface Part {
        void close() throws Exception;
    }

    /** This was opened. */
    public <T extends AutoCloseable> T add(T part) {
        parts.push(part::close);
        return part;
    }

    /** Something was begun that ends so. */
    public void endBy(Runnable end) {
        parts.push(end::run);
    }

    /** The start is done: nothing is closed from here. */
    public void keep() {
        parts.clear();
    }

    /**
     * Closes all, each even where others fail, and only once. An interrupt, which may be why the start has failed, waits until all
     * is closed: Kafka's clients log an error when they are closed by an interrupted thread.
     *
     * @throws IllegalStateException or what else is unchecked: the first failure, with the others in it
     */
    @Override
    public void close() {
        var interrupted = Thread.interrupted();
        RuntimeException failure = null;
        for (var part = parts.poll(); part != null; part = parts.poll()) failure = first(failure, closed(part));
        if (interrupted) Thread.currentThread().interrupt();
        if (failure != null) throw failure;
    }

    private static @Nullable RuntimeException closed(Part part) {
        try {
            part.close();
            return null;
        } catch (RuntimeException e) {
            return e;
        } catch (Exception e) {
            return new IllegalStateException("cannot be closed", e);
        }
    }

    private static @Nullable RuntimeException first(@Nullable RuntimeException first,
            @Nullable RuntimeException next) {
        if (first == null) return next;
        if (next != null) first.addSuppressed(next);
        return first;
    }
}
