package io.rejoin.edge.room;

import java.util.concurrent.atomic.AtomicLong;

/** Limits the bytes that all rooms together keep: with many rooms, each room keeps less. Safe for any thread. */
final class MemoryBudget {
    private final long maxBytes;
    private final AtomicLong usedBytes = new AtomicLong();

    MemoryBudget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    void use(int bytes) {
        usedBytes.addAndGet(bytes);
    }

    void release(int bytes) {
        usedBytes.addAndGet(-bytes);
    }

    boolean isExceeded() {
        return usedBytes.get() > maxBytes;
    }

    /** Whether at least half is free. Check this before keeping data that is only useful, not needed. */
    boolean isHalfFree() {
        return usedBytes.get() <= maxBytes / 2;
    }

    long usedBytes() {
        return usedBytes.get();
    }
}
