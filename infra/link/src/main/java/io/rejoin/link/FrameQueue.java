package io.rejoin.link;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The queue of frames that wait to be written to one stream. Any thread can add a frame without blocking. One writer
 * takes a batch: several frames at once, joined into one array.
 */
final class FrameQueue {
    private static final int MAX_BATCH_BYTES = 256 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition hasChanged = lock.newCondition();
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private boolean isClosed;

    /**
     * Adds a frame, unless more than {@code maxWaitingBytes} bytes are waiting already.
     *
     * @param maxWaitingBytes limit of the waiting bytes, without this frame
     * @return false if the frame was not added
     */
    boolean offer(byte[] frame, int maxWaitingBytes) {
        lock.lock();
        try {
            if (isClosed || waitingBytes > maxWaitingBytes) return false;
            waiting.add(frame);
            waitingBytes += frame.length;
            if (waiting.size() == 1) hasChanged.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the queue is closed. */
    boolean isClosed() {
        lock.lock();
        try {
            return isClosed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next frames, joined into one array. Waits for a frame if the queue is empty.
     *
     * @return empty if no frame is added in time; null if the queue is closed
     */
    byte @Nullable [] takeBatch(Duration timeout) throws InterruptedException {
        lock.lock();
        try {
            var nanos = timeout.toNanos();
            while (waiting.isEmpty() && !isClosed && nanos > 0) nanos = hasChanged.awaitNanos(nanos);
            return isClosed ? null : joinBatch();
        } finally {
            lock.unlock();
        }
    }

    private byte[] joinBatch() {
        var first = waiting.poll();
        if (first == null) return new byte[0];
        waitingBytes -= first.length;
        if (waiting.isEmpty() || first.length > MAX_BATCH_BYTES) return first;
        var batch = new ByteArrayOutputStream(Math.min(MAX_BATCH_BYTES, first.length + waitingBytes));
        batch.writeBytes(first);
        while (!waiting.isEmpty() && batch.size() + waiting.element().length <= MAX_BATCH_BYTES) {
            var next = waiting.remove();
            waitingBytes -= next.length;
            batch.writeBytes(next);
        }
        return batch.toByteArray();
    }

    /** Closes the queue. Drops the waiting frames; nothing can be added or taken any more. */
    void close() {
        lock.lock();
        try {
            isClosed = true;
            waiting.clear();
            waitingBytes = 0;
            hasChanged.signal();
        } finally {
            lock.unlock();
        }
    }
}
