package io.rejoin.link;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Frames that wait to be written to one stream. Any thread adds, without waiting; one writer takes as much as fits at once. */
final class FrameQueue {
    private static final int JOINED = 256 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private int bytes;
    private boolean isOver;

    /**
     * Adds a frame, unless more than that waits already.
     *
     * @param most bytes that may wait
     * @return false when it was not added
     */
    boolean offer(byte[] frame, int most) {
        lock.lock();
        try {
            if (isOver || bytes > most) return false;
            waiting.add(frame);
            bytes += frame.length;
            if (waiting.size() == 1) changed.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether it has ended. */
    boolean isOver() {
        lock.lock();
        try {
            return isOver;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes what is to be written next, joined; waits for it.
     *
     * @return empty where nothing comes for so long; null once it has ended
     */
    byte @Nullable [] take(Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            var nanos = atMost.toNanos();
            while (waiting.isEmpty() && !isOver && nanos > 0) nanos = changed.awaitNanos(nanos);
            return isOver ? null : joined();
        } finally {
            lock.unlock();
        }
    }

    private byte[] joined() {
        var first = waiting.poll();
        if (first == null) return new byte[0];
        bytes -= first.length;
        if (waiting.isEmpty() || first.length > JOINED) return first;
        var all = new ByteArrayOutputStream(Math.min(JOINED, first.length + bytes));
        all.writeBytes(first);
        while (!waiting.isEmpty() && all.size() + waiting.element().length <= JOINED) {
            var next = waiting.remove();
            bytes -= next.length;
            all.writeBytes(next);
        }
        return all.toByteArray();
    }

    /** Forgets what waits; nothing is added or given out any more. */
    void end() {
        lock.lock();
        try {
            isOver = true;
            waiting.clear();
            bytes = 0;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
