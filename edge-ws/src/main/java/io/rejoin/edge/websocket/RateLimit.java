package io.rejoin.edge.websocket;

import java.time.Duration;

/**
 * What one client may send: two token buckets, of messages and of bytes. Whoever takes more than is there is in debt, and is
 * not read from until it is paid; only a client that is in debt again and again for a long time is to be sent away. Of one
 * thread; pure, time comes in.
 */
final class RateLimit {
    private final Rates rates;
    private final Bucket messages;
    private final Bucket bytes;
    private long excessBegan;
    private boolean isExcess;

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

        boolean isHalfFull() {
            return level >= burst / 2;
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
        if (messages.isHalfFull() && bytes.isHalfFull()) isExcess = false;
        messages.level -= newMessages;
        bytes.level -= newBytes;
        var debt = Math.max(messages.nanosOfDebt(), bytes.nanosOfDebt());
        if (debt > 0 && !isExcess) {
            isExcess = true;
            excessBegan = now;
        }
        return Duration.ofNanos(debt);
    }

    /** Whether the client has sent more than it may for so long that slowing it down is of no use. */
    boolean isHopeless(long now) {
        return isExcess && now - excessBegan > rates.patience().toNanos();
    }
}
