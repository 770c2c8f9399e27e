package io.rejoin.link;

import java.util.concurrent.atomic.AtomicInteger;

/** Divides the limit of waiting bytes equally among all streams. Safe for any thread. */
final class QueueBudget {
    private final int all;
    private final AtomicInteger sharers = new AtomicInteger();

    QueueBudget(int all) {
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
