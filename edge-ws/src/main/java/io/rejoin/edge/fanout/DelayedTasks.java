package io.rejoin.edge.fanout;

import java.time.Duration;

/** Runs a task after a delay. A simulation uses its own implementation, without threads and real time. */
@FunctionalInterface
public interface DelayedTasks {
    /** Schedules a task and returns at once. The task runs on its own thread. */
    void schedule(Duration delay, Runnable task);

    /** The implementation that starts a virtual thread for each task. */
    static void onVirtualThread(Duration delay, Runnable task) {
        Thread.ofVirtual().name("later").start(() -> {
            try {
                Thread.sleep(delay);
                task.run();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
