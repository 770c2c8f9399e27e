package io.rejoin.e2e;

import java.util.concurrent.ThreadLocalRandom;

/** The pace of the clients these tests simulate. Nothing is ever concluded from how long one lasted. */
final class Pause {
    private Pause() {}

    /** Between looks at what has come. */
    static void aTick() {
        sleep(2, 6);
    }

    /** Before another try to connect, spread. */
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
