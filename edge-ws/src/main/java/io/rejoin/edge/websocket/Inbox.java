package io.rejoin.edge.websocket;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes of one client that wait to be read. Where nothing waits there is no reader: a thread that only waits takes memory, in each
 * connection. When much waits, the source is asked to pause, so that a client that is read slowly fills its own buffers. Safe
 * for any thread; one at a time reads.
 */
final class Inbox {
    /** So many bytes may wait before the source is to pause. */
    static final int MOST = 8 * 1024;
    private static final byte[] END = {};

    private final Source source;
    private final Runnable reader;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition came = lock.newCondition();
    // The lock guards these.
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>(1);
    private int size;
    private boolean isPaused;
    private boolean hasEnded;
    private boolean isRead;

    /** Where the bytes come from. Called with the inbox's lock: must not wait. */
    interface Source {
        /** Brings nothing more until {@link #readOn}; a little may still come. */
        void pause();

        void readOn();
    }

    /**
     * Empty, and with a reader.
     *
     * @param reader begins to read on a thread of its own, until {@link #rest} lets it go; called when something came and nobody reads
     */
    Inbox(Source source, Runnable reader) {
        this.source = source;
        this.reader = reader;
        this.isRead = true;
    }

    /** Some came. */
    void add(byte[] bytes) {
        lock.lock();
        try {
            pieces.add(bytes);
            size += bytes.length;
            if (size >= MOST && !isPaused) {
                isPaused = true;
                source.pause();
            }
            if (!begins()) return;
        } finally {
            lock.unlock();
        }
        reader.run();
    }

    /** No more will come. */
    void end() {
        lock.lock();
        try {
            hasEnded = true;
            if (!begins()) return;
        } finally {
            lock.unlock();
        }
        reader.run();
    }

    private boolean begins() {
        came.signal();
        var begins = !isRead;
        isRead = true;
        return begins;
    }

    /** The reader's: waits for the next bytes; an empty array says that there will be no more. */
    byte[] next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (pieces.isEmpty() && !hasEnded) came.await();
            return pieces.isEmpty() ? END : take();
        } finally {
            lock.unlock();
        }
    }

    private byte[] take() {
        var taken = pieces.remove();
        size -= taken.length;
        if (isPaused && size < MOST / 2) {
            isPaused = false;
            source.readOn();
        }
        return taken;
    }

    /** The reader's: whether nothing waits. From then on there is no reader. The end waits, too. */
    boolean rest() {
        lock.lock();
        try {
            isRead = !pieces.isEmpty() || hasEnded;
            return !isRead;
        } finally {
            lock.unlock();
        }
    }
}
