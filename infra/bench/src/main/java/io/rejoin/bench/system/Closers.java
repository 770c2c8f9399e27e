package io.rejoin.bench.system;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Resources that are closed in reverse order at the end. Any thread may close them. A resource that is opened after
 * that is closed at once.
 */
final class Closers implements AutoCloseable {
    /** Guarded by this, as {@link #isClosed} is. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private boolean isClosed;

    synchronized <T extends AutoCloseable> T opened(T part) {
        opened.push(part);
        if (!isClosed) return part;
        close();
        throw new IllegalStateException("the installation is closed");
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) { // the others must be closed too
                System.err.println("cannot stop all processes: " + e);
            }
        }
    }
}
