package io.rejoin.edge.websocket;

import java.util.concurrent.Semaphore;

/**
 * The memory that catching clients up may take, over all connections: pages of history on their way, and the frames made of
 * them, which are each client's own until they are sent. Frames are counted, pages wait for room, in turn. Safe for any thread.
 */
public final class FrameMemory {
    /** What one permit stands for, in bytes. */
    private static final int UNIT = 256;

    private static final class Permits extends Semaphore {
        private static final long serialVersionUID = 1L;

        Permits(int permits) {
            super(permits, true);
        }

        /** Does not wait: there may be less than none after that. */
        void take(int permits) {
            reducePermits(permits);
        }
    }

    /** Memory that is held. */
    public interface Reservation extends AutoCloseable {
        @Override
        void close();
    }

    private final int all;
    private final Permits free;

    public FrameMemory(long bytes) {
        this.all = Math.clamp(bytes / UNIT, 1, Integer.MAX_VALUE / 2);
        this.free = new Permits(all);
    }

    /** Waits until so much is free, or all is where that is less. */
    public Reservation reserve(int bytes) throws InterruptedException {
        var units = Math.min(all, units(bytes));
        free.acquire(units);
        return () -> free.release(units);
    }

    /** Counts a frame; returns what to {@link #giveBack} once it is sent, or is not to be sent any more. */
    int count(int bytes) {
        var units = units(bytes);
        free.take(units);
        return units;
    }

    void giveBack(int units) {
        free.release(units);
    }

    /** What is not taken; negative when more than all is. */
    public long free() {
        return (long) free.availablePermits() * UNIT;
    }

    private static int units(int bytes) {
        return Math.ceilDiv(bytes, UNIT);
    }
}
