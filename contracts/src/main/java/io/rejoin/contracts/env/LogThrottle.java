package io.rejoin.contracts.env;

import java.time.Duration;

/** Bounds a log line that a flood of the same trouble would repeat: one line in so much time, which says how many there were. */
public final class LogThrottle {
    private final long quiet;
    private long untold;
    private long toldAt;
    private boolean hasTold;

    /** @param quiet how long after a line no other one is written */
    public LogThrottle(Duration quiet) {
        this.quiet = quiet.toNanos();
    }

    /**
     * Counts one more. Safe for any thread.
     *
     * @param now of {@link System#nanoTime()}
     * @return how many there were since the last line, if a line is due now; else 0
     */
    public synchronized long count(long now) {
        untold++;
        if (hasTold && now - toldAt < quiet) return 0;
        var all = untold;
        hasTold = true;
        toldAt = now;
        untold = 0;
        return all;
    }
}
