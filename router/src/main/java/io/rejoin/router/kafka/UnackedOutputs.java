package io.rejoin.router.kafka;

import java.time.Duration;

/** Counts the records sent between two checkpoints, until Kafka has acknowledged all of them. */
final class UnackedOutputs {
    private int unacknowledged;

    synchronized void sent() {
        unacknowledged++;
    }

    synchronized void acknowledged() {
        unacknowledged--;
        if (unacknowledged == 0) notifyAll();
    }

    /** Waits until all records are acknowledged; false on timeout. Call it after the last send. */
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
