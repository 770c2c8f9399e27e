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
 * What waits to be sent to one client, bounded in bytes: any thread puts frames in, one writer takes them out, joined. Where
 * nothing waits there is no writer: a thread that only waits takes memory, in each connection. Frames
 * on their way to the socket still count: the writer gives their bytes back when it takes the next ones. Goes from open to closing (a last frame is set, nothing more is taken in) to abandoned
 * (nothing is given out either).
 */
final class Outbox {
    /** How much is joined for one socket write; a frame above that goes alone. */
    static final int GATHER = 64 * 1024;
    /** What replies may use beyond the bound. */
    static final int RESERVE = 64 * 1024;
    /** What a queued frame is charged beyond its bytes, so that a flood of tiny ones is bounded too. */
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
    /** Those of the frames that are this client's alone, in their order. */
    private final ArrayDeque<Copy> copies = new ArrayDeque<>(0);
    /** Whoever wants to know when frames are sent; null until somebody does. */
    private @Nullable ArrayDeque<Waiting> waiting;
    /** Whether there is a writer, which takes until nothing is left. */
    private boolean isWriting;
    /** Whether what goes before the first frame was taken, if there is such. */
    private boolean isBegun;
    private long used;
    private long taken;
    private long framesAdded;
    private long framesTaken;
    private long framesSent;
    /** When the first of those came that wait, and of those that are on their way to the socket; by the stopwatch. */
    private long waitingSince;
    private long takenSince;
    /** Read without it, too. */
    private volatile boolean closing;

    /**
     * A frame that is this client's alone.
     *
     * @param number how many frames were added until it was
     * @param units  of the memory that it takes
     */
    private record Copy(long number, int units) {}

    /**
     * Somebody who wants to know when frames are sent.
     *
     * @param number how many frames were added until then
     */
    private record Waiting(long number, Runnable sent) {}

    /**
     * Empty, and without a writer.
     *
     * @param memory for frames that are one client's alone
     * @param writer begins to {@link #take} on a thread of its own, until nothing is left; called when something waits and nobody
     *               writes
     */
    Outbox(int bound, FrameMemory memory, SocketMeters meters, Runnable writer) {
        this.writer = writer;
        this.bound = bound;
        this.memory = memory;
        this.meters = meters;
        this.isBegun = true;
    }

    /** With something that goes before the first frame, and is none. It waits for that, or for {@link #begin}. */
    Outbox(int bound, FrameMemory memory, SocketMeters meters, Runnable writer, byte[] before) {
        this(bound, memory, meters, writer);
        frames.add(before);
        framesAdded = 1;
        used = charge(before);
        meters.queued(used);
        waitingSince = System.nanoTime();
        isBegun = false;
    }

    /** Has what goes before the first frame sent, if there is such and it is not on its way already. */
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

    /** Queues a message; false when there is no room, or when closing. An empty outbox has room for any one frame. */
    boolean offer(byte[] frame) {
        return offer(frame, bound);
    }

    /** Queues a message whose frame no other outbox has. */
    boolean offerCopy(byte[] frame) {
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

    /** Queues a reply, for which there is more room. */
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
     * Locks for a moment. Whoever offers may hold the monitor of a room, for which deliveries wait. A virtual thread that
     * was parked with it would be waited for until it is scheduled again. Nobody holds the lock for long, or parked.
     */
    private void lockWithoutParking() {
        while (!lock.tryLock()) Thread.onSpinWait();
    }

    /**
     * Waits until half of the bound is free, and there is room for a frame of that length; false when that takes longer, or when
     * closing.
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

    /** Calls back once what was added until now is sent, or will not be; at once where that is so. */
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

    /** Sets the last frame, to go out behind what is queued; false when there is one already. */
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

    /** Throws away what is queued; the writer gets nothing more. */
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

    /** Waits until nobody writes; after a close nobody will again. */
    void awaitWritten() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (isWriting) written.await();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The writer's: takes as many frames as make up one write; those that were taken before are sent.
     *
     * @return their bytes; empty where nothing waits: from then on there is no writer
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
            if (!frames.isEmpty()) waitingSince = System.nanoTime(); // about: since the first of what is left
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

    /** Whether a writer has to begin. */
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

    /** The first so many frames are sent, or will not be. */
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
