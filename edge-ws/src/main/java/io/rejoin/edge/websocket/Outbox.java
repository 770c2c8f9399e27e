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
 * <p>An outbox is open at first. Once its last frame is set, it is closing and accepts no more frames. When it is
 * abandoned, its frames are discarded and the writer gets nothing more.
 */
final class Outbox {
    /** The most bytes that are joined for one socket write. A larger frame is written alone. */
    static final int GATHER = 64 * 1024;
    /** The bytes beyond the bound that only replies may use. */
    static final int RESERVE = 64 * 1024;
    /** The bytes that a queued frame is charged beyond its length, so that a flood of tiny frames is bounded too. */
    static final int OVERHEAD = 32;

    private static final byte[] NOTHING = {};

    private final int bound;
    private final FrameMemory memory;
    private final SocketMeters meters;
    private final Runnable writer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    private final Condition drained = lock.newCondition();
    // The lock guards these.
    private final ArrayDeque<byte[]> frames = new ArrayDeque<>(2);
    /** The frames that only this client gets and that are not sent yet, in their order. */
    private final ArrayDeque<Copy> copies = new ArrayDeque<>(0);
    /** The callbacks of {@link #whenSent}; null until the first one is added. */
    private @Nullable ArrayDeque<Waiting> waiting;
    /** Whether there is a writer. A writer takes frames until none is left. */
    private boolean isWriting;
    /** Whether the bytes before the first frame were taken; true if there are no such bytes. */
    private boolean isBegun;
    private long used;
    private long taken;
    private long framesAdded;
    private long framesTaken;
    private long framesSent;
    /**
     * When the first waiting frame was added, and when the first frame of the current write was, by
     * {@link System#nanoTime}.
     */
    private long waitingSince;
    private long takenSince;
    /** Also read without the lock. */
    private volatile boolean closing;

    /**
     * A frame that only this client gets.
     *
     * @param number how many frames had been added, this one included
     * @param units  of {@link FrameMemory} that the frame takes
     */
    private record Copy(long number, int units) {}

    /**
     * A callback that waits until frames are sent.
     *
     * @param number how many frames had been added at the time of the call; the callback waits for these
     */
    private record Waiting(long number, Runnable sent) {}

    /**
     * Creates an empty outbox without a writer.
     *
     * @param memory counts the frames that only one client gets
     * @param writer calls {@link #take} until that returns nothing; run without the lock, when a frame is added and
     *               nobody writes
     */
    Outbox(int bound, FrameMemory memory, SocketMeters meters, Runnable writer) {
        this.writer = writer;
        this.bound = bound;
        this.memory = memory;
        this.meters = meters;
        this.isBegun = true;
    }

    /**
     * Creates an outbox with bytes that go before the first frame and are not a frame, such as a handshake's response.
     * They wait until a frame is added or {@link #begin} is called.
     */
    Outbox(int bound, FrameMemory memory, SocketMeters meters, Runnable writer, byte[] before) {
        this(bound, memory, meters, writer);
        frames.add(before);
        framesAdded = 1;
        used = charge(before);
        meters.queued(used);
        waitingSince = System.nanoTime();
        isBegun = false;
    }

    /** Starts to send the bytes that go before the first frame, unless they are sent or being sent already. */
    void begin() {
        lockWithoutParking();
        try {
            if (isWriting || frames.isEmpty()) return;
            isWriting = true;
        } finally {
            lock.unlock();
        }
        writer.run();
    }

    /**
     * Queues a message. Returns false if there is no room, or if the outbox is closing. An empty outbox has room for
     * one frame of any length.
     */
    boolean offer(byte[] frame) {
        return offer(frame, bound);
    }

    /** Like {@link #offer(byte[])}, for a frame that no other outbox has. {@link FrameMemory} counts this frame. */
    boolean offerUnshared(byte[] frame) {
        var begins = false;
        lockWithoutParking();
        try {
            if (!hasRoom(frame, bound)) return false;
            begins = add(frame);
            copies.add(new Copy(framesAdded, memory.count(charge(frame))));
        } finally {
            lock.unlock();
        }
        if (begins) writer.run();
        return true;
    }

    /** Queues a reply, which may also use the {@link #RESERVE}. */
    boolean offerReply(byte[] frame) {
        return offer(frame, (long) bound + RESERVE);
    }

    private boolean offer(byte[] frame, long limit) {
        var begins = false;
        lockWithoutParking();
        try {
            if (!hasRoom(frame, limit)) return false;
            begins = add(frame);
        } finally {
            lock.unlock();
        }
        if (begins) writer.run();
        return true;
    }

    private boolean hasRoom(byte[] frame, long limit) {
        return !closing && (used == 0 || used + charge(frame) <= limit);
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
     * Waits until half of the bound is free and there is room for a frame of the given length. Returns false on a
     * timeout, or if the outbox is closing.
     */
    boolean awaitRoom(int length, Duration atMost) throws InterruptedException {
        var most = Math.clamp((long) bound - length - OVERHEAD, 0, bound / 2);
        lock.lockInterruptibly();
        try {
            var nanos = atMost.toNanos();
            while (!closing && used > most) {
                if (nanos <= 0) return false;
                nanos = drained.awaitNanos(nanos);
            }
            return !closing;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs the callback once the frames added so far are sent or discarded; at once if none of them is left. The lock
     * may be held while the callback runs, so it must not block.
     */
    void whenSent(Runnable sent) {
        lockWithoutParking();
        try {
            if (framesSent < framesAdded) {
                if (waiting == null) waiting = new ArrayDeque<>(1);
                waiting.add(new Waiting(framesAdded, sent));
                return;
            }
        } finally {
            lock.unlock();
        }
        sent.run();
    }

    /**
     * Adds the last frame behind the waiting ones, and accepts no more. Returns false if the outbox is closing already.
     */
    boolean close(byte[] lastFrame) {
        var begins = false;
        lockWithoutParking();
        try {
            if (closing) return false;
            begins = add(lastFrame);
            endIntake();
        } finally {
            lock.unlock();
        }
        if (begins) writer.run();
        return true;
    }

    /** Discards the waiting frames. The writer gets nothing more. */
    void abandon() {
        lock.lock();
        try {
            frames.clear();
            sent(framesAdded);
            meters.queued(-used);
            used = 0;
            taken = 0;
            endIntake();
            isWriting = false;
            written.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isOpen() {
        return !closing;
    }

    /** Waits until there is no writer. Once the outbox is closing, no other writer follows. */
    void awaitWritten() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (isWriting) written.await();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the frames for one socket write, joined. Marks the frames taken before as sent. For the writer only.
     *
     * @return the bytes; empty if no frame waits, and then there is no writer any more
     */
    byte[] take() {
        var batch = new ArrayList<byte[]>();
        var length = take(batch);
        return batch.size() == 1 ? batch.getFirst() : join(batch, length);
    }

    private int take(List<byte[]> batch) {
        lock.lock();
        try {
            release();
            if (frames.isEmpty()) {
                isWriting = false;
                written.signalAll();
                return 0;
            }
            var length = 0;
            for (var next = frames.peek(); next != null && fits(length, next); next = frames.peek()) {
                batch.add(frames.remove());
                framesTaken++;
                length += next.length;
                taken += charge(next);
            }
            takenSince = waitingSince;
            if (!frames.isEmpty()) waitingSince = System.nanoTime(); // approximate: no time is kept per frame
            meters.sent(isBegun ? batch.size() : batch.size() - 1, length);
            isBegun = true;
            return length;
        } finally {
            lock.unlock();
        }
    }

    private static boolean fits(int length, byte[] next) {
        return length == 0 || (long) length + next.length <= GATHER;
    }

    /** Adds a frame. Returns whether the caller has to run the writer. */
    private boolean add(byte[] frame) {
        if (frames.isEmpty()) waitingSince = System.nanoTime();
        frames.add(frame);
        framesAdded++;
        used += charge(frame);
        meters.queued(charge(frame));
        if (isWriting) return false;
        isWriting = true;
        return true;
    }

    private void release() {
        if (taken > 0) meters.written(System.nanoTime() - takenSince);
        used -= taken;
        meters.queued(-taken);
        taken = 0;
        sent(framesTaken);
        if (used <= bound / 2) drained.signalAll();
    }

    /** Marks frames as sent or discarded, up to the given number. */
    private void sent(long upTo) {
        framesSent = upTo;
        giveBack(upTo);
        if (waiting != null) callBack(waiting, upTo);
    }

    private static void callBack(Queue<Waiting> waiting, long sent) {
        for (var next = waiting.peek(); next != null && next.number() <= sent; next = waiting.peek()) {
            waiting.remove().sent().run();
        }
    }

    private void giveBack(long upTo) {
        for (var next = copies.peek(); next != null && next.number() <= upTo; next = copies.peek()) {
            memory.giveBack(copies.remove().units());
        }
    }

    private void endIntake() {
        closing = true;
        drained.signalAll();
    }

    private static int charge(byte[] frame) {
        return frame.length + OVERHEAD;
    }

    private static byte[] join(List<byte[]> frames, int length) {
        if (length == 0) return NOTHING;
        var joined = new byte[length];
        var position = 0;
        for (var frame : frames) {
            System.arraycopy(frame, 0, joined, position, frame.length);
            position += frame.length;
        }
        return joined;
    }
}
