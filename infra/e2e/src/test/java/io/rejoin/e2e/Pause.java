package io.rejoin.e2e;

import java.util.concurrent.ThreadLocalRandom;

/** Random pauses of the simulated clients. No test draws conclusions from their length. */
final class Pause {
    private Pause() {}

    /** Between two checks for new frames. */
    static void aTick() {
        sleep(2, 6);
    }

    /** Before another attempt to connect, randomly spread. */
    static void aMoment() {
        sleep(50, 200);
    }

    private static void sleep(int fromMillis, int toMillis) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextInt(fromMillis, toMillis));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
