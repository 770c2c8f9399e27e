package io.rejoin.e2e.chaos;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** What a {@link Proxy} does to bytes: lets them pass at once, later, or not at all for now. Safe for any thread. */
final class Wire {
    /** A way of the bytes; the client is who connected. */
    enum Direction {
        TO_SERVER, TO_CLIENT
    }

    /** Delays of a chunk of bytes, drawn evenly from a range. */
    record Delay(Duration least, Duration most) {
        static final Delay NONE = new Delay(Duration.ZERO, Duration.ZERO);

        private long nanos() {
            return most.isZero() ? 0 : ThreadLocalRandom.current().nextLong(least.toNanos(), most.toNanos() + 1);
        }
    }

    private final Set<Direction> cut = EnumSet.noneOf(Direction.class);
    private Delay delay = Delay.NONE;

    /** Nothing passes that way any more; new connections are opened but lead nowhere. */
    synchronized void cut(Set<Direction> directions) {
        cut.addAll(directions);
    }

    synchronized void delay(Delay longer) {
        delay = longer;
    }

    /** Everything passes at once again. */
    synchronized void mend() {
        cut.clear();
        delay = Delay.NONE;
        notifyAll();
    }

    /** Nanoseconds that what was read now has to wait. */
    synchronized long delayNanos() {
        return delay.nanos();
    }

    synchronized void awaitPassage(Direction direction) throws InterruptedException {
        while (cut.contains(direction)) wait();
    }
}
