package io.rejoin.router.ops;

import java.time.Duration;

/**
 * Makes of what is seen once a second, or more often, something that does not flap: well as soon as it is for the first time, then
 * unwell after some seconds of trouble in a row, and well again after some without. Confined to one thread.
 */
final class Steady {
    static final Duration TROUBLE = Duration.ofSeconds(5);
    static final Duration CALM = Duration.ofSeconds(2);

    private boolean wasEverWell;
    private boolean seen;
    private boolean isWell;
    private long since;

    /**
     * Takes what is seen now, and gives back what that makes of it.
     *
     * @param now as {@code System.nanoTime}
     */
    boolean look(boolean well, long now) {
        if (well != seen) {
            seen = well;
            since = now;
        }
        if (well) isWell |= !wasEverWell || now - since >= CALM.toNanos();
        else
            isWell &= now - since < TROUBLE.toNanos();
        wasEverWell |= well;
        return isWell;
    }
}
