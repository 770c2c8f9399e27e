package io.rejoin.edge.websocket;

import java.util.concurrent.Semaphore;

/**
 * Limits the memory for replaying messages, over all connections of the edge. The memory holds pages of history being
 * read, and the frames made from them. Each of these frames belongs to one client until the frame is sent. Pages wait
 * for free memory, in the order of their requests. Frames never wait. Safe for any thread.
 */
public final class FrameMemory {
    /** How many bytes one permit stands for. */
    private static final int UNIT_BYTES = 256;

    private static final class Permits extends Semaphore {
        private static final long serialVersionUID = 1L;

        Permits(int permits) {
            super(permits, true);
        }

        /** Takes permits without waiting. The number of free permits may become negative. */
        void takeNow(int permits) {
            reducePermits(permits);
        }
    }

    /** Reserved memory. Close it exactly once to release the memory. */
    public interface Reservation extends AutoCloseable {
        @Override
        void close();
    }

    private final int totalUnits;
    private final Permits permits;

    public FrameMemory(long bytes) {
        this.totalUnits = Math.clamp(bytes / UNIT_BYTES, 1, Integer.MAX_VALUE / 2);
        this.permits = new Permits(totalUnits);
    }

    /**
     * Waits until the given number of bytes is free, and reserves them. A request above the limit waits for the whole
     * memory.
     */
    public Reservation reserve(int bytes) throws InterruptedException {
        var units = Math.min(totalUnits, units(bytes));
        permits.acquire(units);
        return () -> permits.release(units);
    }

    /**
     * Reserves the memory of a frame, without waiting.
     *
     * @return the units to pass to {@link #release} once the frame is sent or discarded
     */
    int reserveNow(int bytes) {
        var units = units(bytes);
        permits.takeNow(units);
        return units;
    }

    void release(int units) {
        permits.release(units);
    }

    /** The free memory in bytes; negative when more than the limit is in use. */
    public long freeBytes() {
        return (long) permits.availablePermits() * UNIT_BYTES;
    }

    private static int units(int bytes) {
        return Math.ceilDiv(bytes, UNIT_BYTES);
    }
}
