package io.rejoin.edge.websocket;

import io.rejoin.edge.metrics.SocketMeters;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The frames that wait to be sent to one client, bounded in bytes. Any thread adds frames. One writer at a time takes
 * them, joined for one socket write. While no frame waits, there is no writer, so an idle connection needs no thread.
 * Frames handed to the writer stay counted until the writer takes the next ones.
 *
 * <p>An outbox is open at first. Once its last frame is set, it is closing and accepts no more frames. {@link #discard}
 * drops its frames, and the writer gets nothing more.
 */
final class Outbox {
    /** The most bytes that are joined for one socket write. A larger frame is written alone. */
    static final int MAX_WRITE_BYTES = 64 * 1024;
    /** The bytes beyond the capacity that only replies may use. */
    static final int REPLY_RESERVE_BYTES = 64 * 1024;
    /** The bytes that a queued frame is charged beyond its length, so that a flood of tiny frames is bounded too. */
    static final int FRAME_OVERHEAD_BYTES = 32;

    private static final byte[] EMPTY = {};

    private final int capacity;
    private final FrameMemory memory;
    private final SocketMeters meters;
    private final Runnable writer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition writerEnded = lock.newCondition();
    private final Condition drained = lock.newCondition();
    // The lock guards these.
    private final ArrayDeque<byte[]> frames = new ArrayDeque<>(2);
    /** The frames that only this client gets and that are not sent yet, in their order. */
    private final ArrayDeque<UnsharedFrame> unsharedFrames = new ArrayDeque<>(0);
    /** The callbacks of {@link #whenSent}; null until the first one is added. */
    private @Nullable ArrayDeque<SentCallback> callbacks;
    /** Whether there is a writer. A writer takes frames until none is left. */
    private boolean hasWriter;
    /** Whether the bytes before the first frame were taken; true if there are no such bytes. */
    private boolean isPrefixTaken;
    /** The bytes of the waiting frames, and of those in {@link #writingBytes}. */
    private long usedBytes;
    /** The bytes of the current write. */
    private long writingBytes;
    private long framesAdded;
    private long framesTaken;
    private long framesSent;
    /**
     * When the first waiting frame was added, and when the first frame of the current write was, by
     * {@link System#nanoTime}.
     */
    private long firstWaitingSince;
    private long writingSince;
    /** Also read without the lock. */
    private volatile boolean isClosing;

    /**
     * A frame that only this client gets.
     *
     * @param number how many frames had been added, this one included
     * @param units  of {@link FrameMemory} that the frame takes
     */
    private record UnsharedFrame(long number, int units) {}

    /**
     * A callback that waits until frames are sent.
     *
     * @param number how many frames had been added at the time of the call; the callback waits for these
     */
    private record SentCallback(long number, Runnable callback) {}

    /**
     * Creates an empty outbox without a writer.
     *
     * @param memory counts the frames that only one client gets
     * @param writer calls {@link #takeBatch} until that returns nothing; run without the lock, when a frame is added
     *               and nobody writes
     */
    Outbox(int capacity, FrameMemory memory, SocketMeters meters, Runnable writer) {
        this.writer = writer;
        this.capacity = capacity;
        this.memory = memory;
        this.meters = meters;
        this.isPrefixTaken = true;
    }

    /**
     * Creates an outbox with bytes that go before the first frame and are not a frame, such as a handshake's response.
     * They wait until a frame is added or {@link #sendPrefix} is called.
     */
    Outbox(int capacity, FrameMemory memory, SocketMeters meters, Runnable writer, byte[] prefix) {
        this(capacity, memory, meters, writer);
        frames.add(prefix);
        framesAdded = 1;
        usedBytes = chargedBytes(prefix);
        meters.addQueuedBytes(usedBytes);
        firstWaitingSince = System.nanoTime();
        isPrefixTaken = false;
    }

    /** Starts to send the bytes that go before the first frame, unless they are sent or being sent already. */
    void sendPrefix() {
        lockWithoutParking();
        try {
            if (hasWriter || frames.isEmpty()) return;
            hasWriter = true;
        } finally {
            lock.unlock();
        }
        writer.run();
    }

    /**
     * Queues a message. Returns false if there is no space, or if the outbox is closing. An empty outbox has space for
     * one frame of any length.
     */
    boolean offer(byte[] frame) {
        return offer(frame, capacity);
    }

    /** Like {@link #offer(byte[])}, for a frame that no other outbox has. {@link FrameMemory} counts this frame. */
    boolean offerUnshared(byte[] frame) {
        var mustStartWriter = false;
        lockWithoutParking();
        try {
            if (!hasSpace(frame, capacity)) return false;
            mustStartWriter = add(frame);
            unsharedFrames.add(new UnsharedFrame(framesAdded, memory.reserveNow(chargedBytes(frame))));
        } finally {
            lock.unlock();
        }
        if (mustStartWriter) writer.run();
        return true;
    }

    /** Queues a reply, which may also use the {@link #REPLY_RESERVE_BYTES}. */
    boolean offerReply(byte[] frame) {
        return offer(frame, (long) capacity + REPLY_RESERVE_BYTES);
    }

    private boolean offer(byte[] frame, long limit) {
        var mustStartWriter = false;
        lockWithoutParking();
        try {
            if (!hasSpace(frame, limit)) return false;
            mustStartWriter = add(frame);
        } finally {
            lock.unlock();
        }
        if (mustStartWriter) writer.run();
        return true;
    }

    private boolean hasSpace(byte[] frame, long limit) {
        return !isClosing && (usedBytes == 0 || usedBytes + chargedBytes(frame) <= limit);
    }

    /**
     * Takes the lock by spinning, without parking the thread. The caller may hold the monitor of a room, and deliveries
     * wait for that monitor. If a virtual thread parked while holding it, deliveries would wait until that thread is
     * scheduled again. The spinning is short: each thread releases the lock soon, and does not park while holding it.
     */
    private void lockWithoutParking() {
        while (!lock.tryLock()) Thread.onSpinWait();
    }

    /**
     * Waits until half of the capacity is free and there is space for a frame of the given length. Returns false on a
     * timeout, or if the outbox is closing.
     */
    boolean awaitSpace(int length, Duration timeout) throws InterruptedException {
        var maxUsed = Math.clamp((long) capacity - length - FRAME_OVERHEAD_BYTES, 0, capacity / 2);
        lock.lockInterruptibly();
        try {
            var nanos = timeout.toNanos();
            while (!isClosing && usedBytes > maxUsed) {
                if (nanos <= 0) return false;
                nanos = drained.awaitNanos(nanos);
            }
            return !isClosing;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs the callback once the frames added so far are sent or discarded; at once if none of them is left. The lock
     * may be held while the callback runs, so it must not block.
     */
    void whenSent(Runnable callback) {
        lockWithoutParking();
        try {
            if (framesSent < framesAdded) {
                if (callbacks == null) callbacks = new ArrayDeque<>(1);
                callbacks.add(new SentCallback(framesAdded, callback));
                return;
            }
        } finally {
            lock.unlock();
        }
        callback.run();
    }

    /**
     * Adds the last frame behind the waiting ones, and accepts no more. Returns false if the outbox is closing already.
     */
    boolean close(byte[] lastFrame) {
        var mustStartWriter = false;
        lockWithoutParking();
        try {
            if (isClosing) return false;
            mustStartWriter = add(lastFrame);
            startClosing();
        } finally {
            lock.unlock();
        }
        if (mustStartWriter) writer.run();
        return true;
    }

    /** Discards the waiting frames. The writer gets nothing more. */
    void discard() {
        lock.lock();
        try {
            frames.clear();
            markSent(framesAdded);
            meters.addQueuedBytes(-usedBytes);
            usedBytes = 0;
            writingBytes = 0;
            startClosing();
            hasWriter = false;
            writerEnded.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isOpen() {
        return !isClosing;
    }

    /** Waits until there is no writer. Once the outbox is closing, no other writer follows. */
    void awaitWriterEnd() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (hasWriter) writerEnded.await();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the frames for one socket write, joined. Marks the frames taken before as sent. For the writer only.
     *
     * @return the bytes; empty if no frame waits, and then there is no writer any more
     */
    byte[] takeBatch() {
        var batch = new ArrayList<byte[]>();
        var length = takeBatch(batch);
        return batch.size() == 1 ? batch.getFirst() : join(batch, length);
    }

    private int takeBatch(List<byte[]> batch) {
        lock.lock();
        try {
            completeWrite();
            if (frames.isEmpty()) {
                hasWriter = false;
                writerEnded.signalAll();
                return 0;
            }
            var length = 0;
            for (var next = frames.peek(); next != null && fits(length, next); next = frames.peek()) {
                batch.add(frames.remove());
                framesTaken++;
                length += next.length;
                writingBytes += chargedBytes(next);
            }
            writingSince = firstWaitingSince;
            if (!frames.isEmpty()) firstWaitingSince = System.nanoTime(); // approximate: no time is kept per frame
            meters.countSent(isPrefixTaken ? batch.size() : batch.size() - 1, length);
            isPrefixTaken = true;
            return length;
        } finally {
            lock.unlock();
        }
    }

    private static boolean fits(int length, byte[] next) {
        return length == 0 || (long) length + next.length <= MAX_WRITE_BYTES;
    }

    /** Adds a frame. Returns whether the caller has to run the writer. */
    private boolean add(byte[] frame) {
        if (frames.isEmpty()) firstWaitingSince = System.nanoTime();
        frames.add(frame);
        framesAdded++;
        usedBytes += chargedBytes(frame);
        meters.addQueuedBytes(chargedBytes(frame));
        if (hasWriter) return false;
        hasWriter = true;
        return true;
    }

    private void completeWrite() {
        if (writingBytes > 0) meters.recordWait(System.nanoTime() - writingSince);
        usedBytes -= writingBytes;
        meters.addQueuedBytes(-writingBytes);
        writingBytes = 0;
        markSent(framesTaken);
        if (usedBytes <= capacity / 2) drained.signalAll();
    }

    /** Marks frames as sent or discarded, up to the given number. */
    private void markSent(long upTo) {
        framesSent = upTo;
        releaseMemory(upTo);
        if (callbacks != null) runCallbacks(callbacks, upTo);
    }

    private static void runCallbacks(Queue<SentCallback> callbacks, long upTo) {
        for (var next = callbacks.peek(); next != null && next.number() <= upTo; next = callbacks.peek()) {
            callbacks.remove().callback().run();
        }
    }

    private void releaseMemory(long upTo) {
        for (var next = unsharedFrames.peek(); next != null && next.number() <= upTo; next = unsharedFrames.peek()) {
            memory.release(unsharedFrames.remove().units());
        }
    }

    private void startClosing() {
        isClosing = true;
        drained.signalAll();
    }

    private static int chargedBytes(byte[] frame) {
        return frame.length + FRAME_OVERHEAD_BYTES;
    }

    private static byte[] join(List<byte[]> frames, int length) {
        if (length == 0) return EMPTY;
        var joined = new byte[length];
        var position = 0;
        for (var frame : frames) {
            System.arraycopy(frame, 0, joined, position, frame.length);
            position += frame.length;
        }
        return joined;
    }
}
