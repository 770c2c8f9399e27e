package io.rejoin.router.core;

import java.time.Duration;

/**
 * When a message that is not confirmed is delivered again: {@code first} after it was posted, then each time after twice as
 * long as before, at most {@link #LONGEST} apart. Pure: the same for every router, so that a takeover changes nothing. Times
 * are the log's, in milliseconds; a span is from (not including) to (including).
 *
 * @param first wait
 */
public record Redelivery(Duration first) {
    static final Duration LONGEST = Duration.ofMinutes(10);
    /** An expiry that was said and not heard of is said again after this time. */
    private static final Duration AGAIN = Duration.ofSeconds(10);

    public Redelivery {
        if (first.toMillis() < 1) throw new IllegalArgumentException("first wait < 1 ms: " + first);
    }

    /** Whether one falls into that span. */
    boolean isDue(long posted, long from, long to) {
        var wait = first.toMillis();
        var at = posted + wait;
        while (at <= from && wait < LONGEST.toMillis()) {
            wait = Math.min(wait * 2, LONGEST.toMillis());
            at += wait;
        }
        return next(at, wait, from) <= to;
    }

    /** Whether the expiry of what expires at that time is to be said in that span. */
    static boolean isExpiryDue(long expires, long from, long to) {
        return next(expires, AGAIN.toMillis(), from) <= to;
    }

    /** The first of {@code at, at + every, at + 2 * every ...} beyond {@code from}. */
    private static long next(long at, long every, long from) {
        return at > from ? at : at + ((from - at) / every + 1) * every;
    }
}
