package io.rejoin.e2e.load;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The wait before the next attempt to connect: full jitter, below a ceiling that doubles with each failure.
 *
 * @param first ceiling of the first wait
 * @param most  upper bound of the ceiling
 */
public record Backoff(Duration first, Duration most) {
    /** The backoff that the documentation prescribes to clients. */
    public static final Backoff DOCUMENTED = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    Duration delay(int failures, RandomGenerator random) {
        var ceiling = Math.min(most.toMillis(), first.toMillis() << Math.min(failures, 20));
        return Duration.ofMillis(random.nextLong(ceiling + 1));
    }
}
