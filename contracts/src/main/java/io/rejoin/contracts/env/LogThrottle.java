package io.rejoin.contracts.env;

import java.time.Duration;

/** Limits a repeated log line to one per period. The line says how many events there were. */
public final class LogThrottle {
    private final long periodNanos;
    private long unloggedEvents;
    private long loggedAt;
    private boolean hasLogged;

    /** @param period length of the period after a line in which no other line is written */
    public LogThrottle(Duration period) {
        this.periodNanos = period.toNanos();
    }

    /**
     * Counts one event. Safe for any thread.
     *
     * @param now current value of {@link System#nanoTime()}
     * @return number of events since the last line, if a line must be written now; else 0
     */
    public synchronized long count(long now) {
        unloggedEvents++;
        if (hasLogged && now - loggedAt < periodNanos) return 0;
        var events = unloggedEvents;
        hasLogged = true;
        loggedAt = now;
        unloggedEvents = 0;
        return events;
    }
}
