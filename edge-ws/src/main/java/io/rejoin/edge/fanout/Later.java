package io.rejoin.edge.fanout;

import java.time.Duration;

/** Does something after a while. A simulation brings its own, without threads and time. */
@FunctionalInterface
public interface Later {
    /** Returns at once; the task runs on a thread of its own. */
    void run(Duration after, Runnable task);

    /** Each on a virtual thread. */
    static void onVirtualThread(Duration after, Runnable task) {
        Thread.ofVirtual().name("later").start(() -> {
            try {
                Thread.sleep(after);
                task.run();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
