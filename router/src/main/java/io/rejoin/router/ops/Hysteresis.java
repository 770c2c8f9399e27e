package io.rejoin.router.ops;

import java.time.Duration;

/**
 * Hysteresis: turns a noisy signal into a stable state. The first good reading makes the state well at once. Afterwards
 * the state changes only after some seconds of the opposite reading without a break. Read the signal once a second or
 * more often. Confined to one thread.
 */
final class Hysteresis {
    static final Duration TROUBLE = Duration.ofSeconds(5);
    static final Duration CALM = Duration.ofSeconds(2);

    private boolean wasEverWell;
    private boolean seen;
    private boolean isWell;
    private long since;

    /**
     * Takes the current reading and returns the stable state.
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
