package io.rejoin.edge.room;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last frames of a room, without a gap up to the head. They let a member change from replay to live, and serve
 * clients that were away for a moment. Guarded by its room.
 */
final class RecentFrames {
    private static final int MAX_FRAMES = 128;
    private static final int MAX_BYTES = 128 * 1024;

    private final MemoryBudget budget;
    private final Deque<byte[]> frames = new ArrayDeque<>();
    private int bytes;
    private long head;

    RecentFrames(MemoryBudget budget) {
        this.budget = budget;
    }

    /** The room's last seq. */
    long head() {
        return head;
    }

    /** The first seq that is kept; head + 1 if none is. */
    long firstSeq() {
        return head - frames.size() + 1;
    }

    /** The frames from {@link #firstSeq} to {@link #head}. */
    Iterable<byte[]> frames() {
        return frames;
    }

    /** The frame of a seq; null if it is not kept. */
    byte @Nullable [] frame(long seq) {
        return frames.stream().skip(Math.max(0, seq - firstSeq())).findFirst().filter(_ -> seq >= firstSeq())
                .orElse(null);
    }

    /** Adds the frame of the next seq. Always keeps the newest frame, and older ones within limits and budget. */
    void add(byte[] frame) {
        head++;
        frames.addLast(frame);
        bytes += frame.length;
        budget.use(frame.length);
        while (frames.size() > 1
                && (frames.size() > MAX_FRAMES || bytes > MAX_BYTES || budget.isExceeded())) {
            dropOldest();
        }
    }

    /** Whether there is space for older frames, without taking memory from live messages of any room. */
    boolean canPrepend() {
        return frames.size() < MAX_FRAMES && bytes < MAX_BYTES && budget.isHalfFree();
    }

    /** Adds the frames right before {@link #firstSeq}, given in order of seq. Takes the latest ones, as many as fit. */
    void prepend(List<byte[]> older) {
        for (var frame : older.reversed()) {
            if (!canPrepend() || bytes + frame.length > MAX_BYTES) return;
            frames.addFirst(frame);
            bytes += frame.length;
            budget.use(frame.length);
        }
    }

    /** Drops all frames and sets the head. */
    void reset(long newHead) {
        while (!frames.isEmpty()) dropOldest();
        head = newHead;
    }

    private void dropOldest() {
        var dropped = frames.removeFirst().length;
        bytes -= dropped;
        budget.release(dropped);
    }
}
