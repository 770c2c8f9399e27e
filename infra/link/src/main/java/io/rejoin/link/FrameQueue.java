package io.rejoin.link;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The queue of frames that wait to be written to one stream. Any thread can add a frame without blocking. One writer
 * takes several frames at once, joined into one array.
 */
final class FrameQueue {
    private static final int JOINED = 256 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private int bytes;
    private boolean isOver;

    /**
     * Adds a frame, unless more than {@code most} bytes are waiting already.
     *
     * @param most limit of the waiting bytes, without this frame
     * @return false if the frame was not added
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

    /** Whether the queue has ended. */
    boolean isOver() {
        lock.lock();
        try {
            return isOver;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next frames, joined into one array. Waits for a frame if the queue is empty.
     *
     * @return empty if no frame is added in time; null if the queue has ended
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

    /** Ends the queue. Drops the waiting frames; nothing can be added or taken any more. */
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
