package io.rejoin.edge.fanout;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last frames of a room, dense by seq up to the head: what carries a member over from replay to live, and serves those
 * that were away for a moment. Guarded by its room.
 */
final class Tail {
    private static final int MOST_FRAMES = 128;
    private static final int MOST_BYTES = 128 * 1024;

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

    /** The first seq that is kept; one beyond the head when none is. */
    long first() {
        return head - frames.size() + 1;
    }

    /** The frames from {@link #first} to {@link #head}. */
    Iterable<byte[]> frames() {
        return frames;
    }

    /** The frame of that seq; null when it is not kept. */
    byte @Nullable [] frame(long seq) {
        return frames.stream().skip(Math.max(0, seq - first())).findFirst().filter(_ -> seq >= first()).orElse(null);
    }

    /** The frame of the next seq. The newest is always kept; older ones as long as there is memory for them. */
    void add(byte[] frame) {
        head++;
        frames.addLast(frame);
        bytes += frame.length;
        budget.take(frame.length);
        while (frames.size() > 1
                && (frames.size() > MOST_FRAMES || bytes > MOST_BYTES || budget.isExceeded())) {
            drop();
        }
    }

    /** Whether there is room for older ones, without taking it from what comes live, in whatever room. */
    boolean hasRoomBefore() {
        return frames.size() < MOST_FRAMES && bytes < MOST_BYTES && budget.isAmple();
    }

    /** Frames of the seqs right before the first that is kept, in their order: as many as there is room for, the latest. */
    void addBefore(List<byte[]> older) {
        for (var frame : older.reversed()) {
            if (!hasRoomBefore() || bytes + frame.length > MOST_BYTES) return;
            frames.addFirst(frame);
            bytes += frame.length;
            budget.take(frame.length);
        }
    }

    /** Keeps nothing, with another head. */
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
