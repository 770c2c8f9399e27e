package io.rejoin.e2e.chaos;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** How a {@link Proxy} passes bytes on: at once, with a delay, or not until the link is mended. Safe for any thread. */
final class Wire {
    /** Direction of bytes; the client is the side that connected. */
    enum Direction {
        TO_SERVER, TO_CLIENT
    }

    /** Delay of a chunk of bytes: random, evenly distributed over a range. */
    record Delay(Duration least, Duration most) {
        static final Delay NONE = new Delay(Duration.ZERO, Duration.ZERO);

        private long nanos() {
            return most.isZero() ? 0 : ThreadLocalRandom.current().nextLong(least.toNanos(), most.toNanos() + 1);
        }
    }

    private final Set<Direction> cut = EnumSet.noneOf(Direction.class);
    private Delay delay = Delay.NONE;

    /**
     * Stops bytes in these directions. With {@link Direction#TO_SERVER}, new connections are accepted but not
     * forwarded.
     */
    synchronized void cut(Set<Direction> directions) {
        cut.addAll(directions);
    }

    synchronized void delay(Delay longer) {
        delay = longer;
    }

    /** Ends cuts and delays. */
    synchronized void mend() {
        cut.clear();
        delay = Delay.NONE;
        notifyAll();
    }

    /** The delay, in nanoseconds, of bytes that were read now. */
    synchronized long delayNanos() {
        return delay.nanos();
    }

    synchronized void awaitPassage(Direction direction) throws InterruptedException {
        while (cut.contains(direction)) wait();
    }
}
