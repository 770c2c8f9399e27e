package io.rejoin.contracts.env;

import java.time.Duration;

/** Limits a repeated log line to one per period. The line says how many events there were. */
public final class LogThrottle {
    private final long quiet;
    private long untold;
    private long toldAt;
    private boolean hasTold;

    /** @param quiet length of the period after a line in which no other line is written */
    public LogThrottle(Duration quiet) {
        this.quiet = quiet.toNanos();
    }

    /**
     * Counts one event. Safe for any thread.
     *
     * @param now current value of {@link System#nanoTime()}
     * @return number of events since the last line, if a line must be written now; else 0
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
