package io.rejoin.e2e.load;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The wait before another try to connect: full jitter below a ceiling that doubles with each failure.
 *
 * @param first ceiling of the first wait
 * @param most  ceiling of any
 */
public record Backoff(Duration first, Duration most) {
    /** What the documentation tells clients. */
    public static final Backoff DOCUMENTED = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    Duration delay(int failures, RandomGenerator random) {
        var ceiling = Math.min(most.toMillis(), first.toMillis() << Math.min(failures, 20));
        return Duration.ofMillis(random.nextLong(ceiling + 1));
    }
}
