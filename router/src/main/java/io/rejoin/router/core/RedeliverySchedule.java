package io.rejoin.router.core;

import java.time.Duration;

/**
 * The redelivery schedule of an unconfirmed message. The first redelivery comes {@code first} after the post. Each
 * further wait is twice as long as the one before, up to {@link #MAX_WAIT}. Pure: the same for every router, so a
 * takeover changes nothing. Times are log times in milliseconds; a span excludes {@code from} and includes {@code to}.
 *
 * @param first wait before the first redelivery
 */
public record RedeliverySchedule(Duration first) {
    static final Duration MAX_WAIT = Duration.ofMinutes(10);
    /** A router appends an expiry again after this time if it has not read the expiry back from the log. */
    private static final Duration EXPIRY_RETRY_INTERVAL = Duration.ofSeconds(10);

    public RedeliverySchedule {
        if (first.toMillis() < 1) throw new IllegalArgumentException("first wait < 1 ms: " + first);
    }

    /** Whether a redelivery falls into the span. */
    boolean isDue(long posted, long from, long to) {
        var wait = first.toMillis();
        var at = posted + wait;
        while (at <= from && wait < MAX_WAIT.toMillis()) {
            wait = Math.min(wait * 2, MAX_WAIT.toMillis());
            at += wait;
        }
        return next(at, wait, from) <= to;
    }

    /**
     * Whether the expiry of a message is to be appended within the span.
     *
     * @param expires log time at which the message expires
     */
    static boolean isExpiryDue(long expires, long from, long to) {
        return next(expires, EXPIRY_RETRY_INTERVAL.toMillis(), from) <= to;
    }

    /** The first of {@code at, at + interval, at + 2 * interval ...} that is later than {@code from}. */
    private static long next(long at, long interval, long from) {
        return at > from ? at : at + ((from - at) / interval + 1) * interval;
    }
}
