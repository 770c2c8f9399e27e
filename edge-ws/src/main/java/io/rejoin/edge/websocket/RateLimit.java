package io.rejoin.edge.websocket;

import java.time.Duration;

/**
 * What one client may send: two token buckets, of messages and of bytes. Whoever takes more than is there is in debt, and is
 * not read from until it is paid. A client that waits for answers thereby comes to its rate, and is never far behind it; one
 * that sends whatever happens has always much more in the pipe, and is sent away if it goes on. Of one thread; pure, time comes
 * in.
 */
final class RateLimit {
    /** A debt at once that tells the one from the other. */
    private static final Duration MUCH = Duration.ofMillis(250);
    /** Without such a debt for so long, all is forgiven. */
    private static final Duration CALM = Duration.ofSeconds(10);

    private final Rates rates;
    private final Bucket messages;
    private final Bucket bytes;
    /** Whether it ever owed much; since when again and again, when last, and when that was paid. */
    private boolean hasOwedMuch;
    private long since;
    private long last;
    private long paid;

    /** Tokens that come back at a constant rate, up to a burst. */
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

    /** Takes what came in; for so long nothing more should be read. */
    Duration take(int newMessages, int newBytes, long now) {
        messages.fill(now);
        bytes.fill(now);
        messages.level -= newMessages;
        bytes.level -= newBytes;
        var debt = Math.max(messages.nanosOfDebt(), bytes.nanosOfDebt());
        if (debt > MUCH.toNanos()) owesMuch(debt, now);
        return Duration.ofNanos(debt);
    }

    private void owesMuch(long debt, long now) {
        if (!hasOwedMuch || now - paid > CALM.toNanos()) since = now;
        hasOwedMuch = true;
        last = now;
        paid = now + debt;
    }

    /** Whether slowing the client down has been of no use for too long. */
    boolean isHopeless() {
        return hasOwedMuch && last - since > rates.patience().toNanos();
    }
}
