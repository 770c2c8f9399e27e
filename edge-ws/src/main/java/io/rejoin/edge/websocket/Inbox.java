package io.rejoin.edge.websocket;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Queues the bytes of one client until they are read. While no bytes wait, there is no reader thread, because a waiting
 * thread costs memory for each connection. When many bytes wait, the inbox asks the source to pause, so that a client
 * that is read slowly fills its own buffers. Safe for any thread; one thread reads at a time.
 */
final class Inbox {
    /** When this many bytes wait, the source is asked to pause. */
    static final int PAUSE_BYTES = 8 * 1024;
    private static final byte[] END = {};

    private final Source source;
    private final Runnable reader;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    // The lock guards these.
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>(1);
    private int size;
    private boolean isPaused;
    private boolean hasEnded;
    private boolean hasReader;

    /** The source of the bytes. The inbox's lock is held during a call, so a call must not block. */
    interface Source {
        /** Pauses until {@link #resume}. A few more bytes may still arrive. */
        void pause();

        void resume();
    }

    /**
     * Creates an empty inbox that has a reader already.
     *
     * @param reader starts a thread that reads until {@link #endReaderIfEmpty} returns true; called when bytes or the
     *               end arrive and there is no reader
     */
    Inbox(Source source, Runnable reader) {
        this.source = source;
        this.reader = reader;
        this.hasReader = true;
    }

    /** Adds bytes that have arrived. */
    void add(byte[] bytes) {
        lock.lock();
        try {
            pieces.add(bytes);
            size += bytes.length;
            if (size >= PAUSE_BYTES && !isPaused) {
                isPaused = true;
                source.pause();
            }
            if (!claimReader()) return;
        } finally {
            lock.unlock();
        }
        reader.run();
    }

    /** Marks the end of the stream: no more bytes arrive. */
    void end() {
        lock.lock();
        try {
            hasEnded = true;
            if (!claimReader()) return;
        } finally {
            lock.unlock();
        }
        reader.run();
    }

    /** Returns whether the caller has to start the reader. */
    private boolean claimReader() {
        arrived.signal();
        var mustStart = !hasReader;
        hasReader = true;
        return mustStart;
    }

    /** Waits for the next bytes. An empty array means that the stream has ended. For the reader only. */
    byte[] next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (pieces.isEmpty() && !hasEnded) arrived.await();
            return pieces.isEmpty() ? END : removeFirst();
        } finally {
            lock.unlock();
        }
    }

    private byte[] removeFirst() {
        var first = pieces.remove();
        size -= first.length;
        if (isPaused && size < PAUSE_BYTES / 2) {
            isPaused = false;
            source.resume();
        }
        return first;
    }

    /**
     * Ends the reader's work if nothing waits. The end of the stream counts as waiting. For the reader only.
     *
     * @return true if nothing waits: from then on there is no reader
     */
    boolean endReaderIfEmpty() {
        lock.lock();
        try {
            hasReader = !pieces.isEmpty() || hasEnded;
            return !hasReader;
        } finally {
            lock.unlock();
        }
    }
}
