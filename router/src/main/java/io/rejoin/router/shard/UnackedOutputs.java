package io.rejoin.router.shard;

import java.time.Duration;

/** Counts the records sent between two checkpoints, until Kafka has acknowledged all of them. */
final class UnackedOutputs {
    private int unacknowledged;

    synchronized void onSent() {
        unacknowledged++;
    }

    synchronized void onAcknowledged() {
        unacknowledged--;
        if (unacknowledged == 0) notifyAll();
    }

    /** Waits until all records are acknowledged; false on timeout. Call it after the last send. */
    synchronized boolean await(Duration timeout) throws InterruptedException {
        var deadline = System.nanoTime() + timeout.toNanos();
        while (unacknowledged > 0) {
            var remainingMillis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            if (remainingMillis <= 0) return false;
            wait(remainingMillis);
        }
        return true;
    }
}
