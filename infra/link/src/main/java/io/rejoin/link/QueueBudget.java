package io.rejoin.link;

import java.util.concurrent.atomic.AtomicInteger;

/** Divides the limit of waiting bytes equally among all streams. Safe for any thread. */
final class QueueBudget {
    private final int totalBytes;
    private final AtomicInteger streams = new AtomicInteger();

    QueueBudget(int totalBytes) {
        this.totalBytes = totalBytes;
    }

    void addStream() {
        streams.incrementAndGet();
    }

    void removeStream() {
        streams.decrementAndGet();
    }

    int bytesPerStream() {
        return totalBytes / Math.max(1, streams.get());
    }
}
