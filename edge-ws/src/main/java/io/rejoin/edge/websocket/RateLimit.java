package io.rejoin.edge.websocket;

import java.time.Duration;

/**
 * Limits what one client may send, with two token buckets: one for messages and one for bytes. A client that uses more
 * tokens than there are is delayed: the connection does not read from it until the buckets have refilled.
 *
 * <p>A client that waits for answers slows down to its rate, and its delays stay short. A client that does not wait
 * always has much more in its buffers, so its delays are long again and again. A client that goes on like that is
 * closed.
 *
 * <p>For one thread only. The caller passes the time in.
 */
final class RateLimit {
    /** A longer delay marks a client that does not wait for answers. */
    private static final Duration LONG_DELAY = Duration.ofMillis(250);
    /** After this time without a long delay, earlier long delays no longer count. */
    private static final Duration RESET_AFTER = Duration.ofSeconds(10);

    private final Rates rates;
    private final Bucket messages;
    private final Bucket bytes;
    /**
     * Whether there was ever a long delay; then when the current series of long delays began, when the last one was
     * set, and when that one ends.
     */
    private boolean hadLongDelay;
    private long seriesBegunAt;
    private long lastLongDelayAt;
    private long lastLongDelayEndsAt;

    /** A token bucket that refills at a constant rate, up to a burst. */
    private static final class Bucket {
        private final double perNano;
        private final double burst;
        private double level;
        private long filledAt;

        Bucket(int perSecond, long now) {
            this.perNano = perSecond / 1e9;
            this.burst = (double) perSecond * Rates.BURST;
            this.level = burst;
            this.filledAt = now;
        }

        void fill(long now) {
            level = Math.min(burst, level + (now - filledAt) * perNano);
            filledAt = now;
        }

        /** How long until no token is missing. */
        long delayNanos() {
            return level >= 0 ? 0 : (long) (-level / perNano);
        }
    }

    RateLimit(Rates rates, long now) {
        this.rates = rates;
        this.messages = new Bucket(rates.messages(), now);
        this.bytes = new Bucket(rates.bytes(), now);
    }

    /**
     * Takes tokens for what came in.
     *
     * @return how long the connection must not read
     */
    Duration consume(int newMessages, int newBytes, long now) {
        messages.fill(now);
        bytes.fill(now);
        messages.level -= newMessages;
        bytes.level -= newBytes;
        var delayNanos = Math.max(messages.delayNanos(), bytes.delayNanos());
        if (delayNanos > LONG_DELAY.toNanos()) recordLongDelay(delayNanos, now);
        return Duration.ofNanos(delayNanos);
    }

    private void recordLongDelay(long delayNanos, long now) {
        if (!hadLongDelay || now - lastLongDelayEndsAt > RESET_AFTER.toNanos()) seriesBegunAt = now;
        hadLongDelay = true;
        lastLongDelayAt = now;
        lastLongDelayEndsAt = now + delayNanos;
    }

    /**
     * Whether the series of long delays has lasted longer than the client's patience allows, although reading was
     * slowed down.
     */
    boolean isOverLimitTooLong() {
        return hadLongDelay && lastLongDelayAt - seriesBegunAt > rates.patience().toNanos();
    }
}
