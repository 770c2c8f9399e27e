package io.rejoin.router.kafka;

import java.time.Duration;

/** The sends between two checkpoints, counted until Kafka has acknowledged all of them. */
final class Generation {
    private int unacknowledged;

    synchronized void sent() {
        unacknowledged++;
    }

    synchronized void acknowledged() {
        unacknowledged--;
        if (unacknowledged == 0) notifyAll();
    }

    /** Waits until nothing is open, once no more is sent; false when that takes longer. */
    synchronized boolean await(Duration atMost) throws InterruptedException {
        var deadline = System.nanoTime() + atMost.toNanos();
        while (unacknowledged > 0) {
            var millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            if (millis <= 0) return false;
            wait(millis);
        }
        return true;
    }
}
