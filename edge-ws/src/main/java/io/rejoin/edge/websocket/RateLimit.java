package io.rejoin.edge.websocket;

import java.time.Duration;

/**
 * Limits what one client may send, with two token buckets: one for messages and one for bytes. A client that uses more
 * tokens than there are is in debt. The connection does not read from that client until the debt is paid.
 *
 * <p>A client that waits for answers slows down to its rate, and its debt stays small. A client that does not wait
 * always has much more in its buffers, so its debt is large again and again. A client that goes on like that is closed.
 *
 * <p>For one thread only. The caller passes the time in.
 */
final class RateLimit {
    /** A debt above this marks a client that does not wait for answers. */
    private static final Duration MUCH = Duration.ofMillis(250);
    /** After this time without a large debt, earlier large debts no longer count. */
    private static final Duration CALM = Duration.ofSeconds(10);

    private final Rates rates;
    private final Bucket messages;
    private final Bucket bytes;
    /**
     * Whether there was ever a large debt; then when the current series of large debts began, when the last one was
     * seen, and when that one is paid.
     */
    private boolean hasOwedMuch;
    private long since;
    private long last;
    private long paid;

    /** A token bucket that refills at a constant rate, up to a burst. */
    private static final class Bucket {
        private final double perNano;
        private final double burst;
        private double level;
        private long filled;

        Bucket(int perSecond, long now) {
            this.perNano = perSecond / 1e9;
            this.burst = (double) perSecond * Rates.BURST;
            this.level = burst;
            this.filled = now;
        }

        void fill(long now) {
            level = Math.min(burst, level + (now - filled) * perNano);
            filled = now;
        }

        long nanosOfDebt() {
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
    Duration take(int newMessages, int newBytes, long now) {
        messages.fill(now);
        bytes.fill(now);
        messages.level -= newMessages;
        bytes.level -= newBytes;
        var pendingCommand = Math.max(messages.nanosOfDebt(), bytes.nanosOfDebt());
        if (pendingCommand > MUCH.toNanos()) owesMuch(pendingCommand, now);
        return Duration.ofNanos(pendingCommand);
    }

    private void owesMuch(long pendingCommand, long now) {
        if (!hasOwedMuch || now - paid > CALM.toNanos()) since = now;
        hasOwedMuch = true;
        last = now;
        paid = now + pendingCommand;
    }

    /**
     * Whether the series of large debts has lasted longer than the client's patience allows, although reading was
     * slowed down.
     */
    boolean isOverLimitTooLong() {
        return hasOwedMuch && last - since > rates.patience().toNanos();
    }
}
