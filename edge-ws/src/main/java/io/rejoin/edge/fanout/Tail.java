package io.rejoin.edge.fanout;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last frames of a room, without a gap up to the head. They let a member change from replay to live, and serve
 * clients that were away for a moment. Guarded by its room.
 */
final class Tail {
    private static final int MAX_FRAMES = 128;
    private static final int MAX_BYTES = 128 * 1024;

    private final MemoryBudget budget;
    private final Deque<byte[]> frames = new ArrayDeque<>();
    private int bytes;
    private long head;

    Tail(MemoryBudget budget) {
        this.budget = budget;
    }

    /** The room's last seq. */
    long head() {
        return head;
    }

    /** The first seq that is kept; head + 1 if none is. */
    long first() {
        return head - frames.size() + 1;
    }

    /** The frames from {@link #first} to {@link #head}. */
    Iterable<byte[]> frames() {
        return frames;
    }

    /** The frame of a seq; null if it is not kept. */
    byte @Nullable [] frame(long seq) {
        return frames.stream().skip(Math.max(0, seq - first())).findFirst().filter(_ -> seq >= first()).orElse(null);
    }

    /** Adds the frame of the next seq. Always keeps the newest frame, and older ones within limits and budget. */
    void add(byte[] frame) {
        head++;
        frames.addLast(frame);
        bytes += frame.length;
        budget.take(frame.length);
        while (frames.size() > 1
                && (frames.size() > MAX_FRAMES || bytes > MAX_BYTES || budget.isExceeded())) {
            drop();
        }
    }

    /** Whether there is room for older frames, without taking memory from live messages of any room. */
    boolean hasRoomBefore() {
        return frames.size() < MAX_FRAMES && bytes < MAX_BYTES && budget.isAmple();
    }

    /** Adds the frames right before {@link #first}, given in order of seq. Takes the latest ones, as many as fit. */
    void addBefore(List<byte[]> older) {
        for (var frame : older.reversed()) {
            if (!hasRoomBefore() || bytes + frame.length > MAX_BYTES) return;
            frames.addFirst(frame);
            bytes += frame.length;
            budget.take(frame.length);
        }
    }

    /** Drops all frames and sets the head. */
    void reset(long newHead) {
        while (!frames.isEmpty()) drop();
        head = newHead;
    }

    private void drop() {
        var dropped = frames.removeFirst().length;
        bytes -= dropped;
        budget.giveBack(dropped);
    }
}
