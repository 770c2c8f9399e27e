package io.rejoin.edge.fanout;

import java.util.concurrent.atomic.AtomicLong;

/** What all rooms together keep, in bytes: with many rooms each one keeps less. Safe for any thread. */
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

    /** Whether half of it is free: for what may be kept and need not. */
    boolean isAmple() {
        return taken.get() <= most / 2;
    }

    long taken() {
        return taken.get();
    }
}
