package io.rejoin.edge.fanout;

import java.util.concurrent.atomic.AtomicLong;

/** Limits the bytes that all rooms together keep: with many rooms, each room keeps less. Safe for any thread. */
final class MemoryBudget {
    private final long most;
    private final AtomicLong taken = new AtomicLong();

    MemoryBudget(long most) {
        this.most = most;
    }

    void take(int bytes) {
        taken.addAndGet(bytes);
    }

    void giveBack(int bytes) {
        taken.addAndGet(-bytes);
    }

    boolean isExceeded() {
        return taken.get() > most;
    }

    /** Whether at least half is free. Check this before keeping data that is only useful, not needed. */
    boolean isAmple() {
        return taken.get() <= most / 2;
    }

    long taken() {
        return taken.get();
    }
}
