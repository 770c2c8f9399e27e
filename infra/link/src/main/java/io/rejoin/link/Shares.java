package io.rejoin.link;

import java.util.concurrent.atomic.AtomicInteger;

/** Bytes that may wait for all edges together: each has an equal share. Safe for any thread. */
final class Shares {
    private final int all;
    private final AtomicInteger sharers = new AtomicInteger();

    Shares(int all) {
        this.all = all;
    }

    void joined() {
        sharers.incrementAndGet();
    }

    void left() {
        sharers.decrementAndGet();
    }

    int each() {
        return all / Math.max(1, sharers.get());
    }
}
