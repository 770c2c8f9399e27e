package io.rejoin.resilience;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential delays with full jitter: retry {@code n} waits between 0 and {@code min(max, first * 2^n)}. The jitter
 * spreads the retries of callers that failed at the same time.
 */
public record Backoff(Duration first, Duration max) {
    private static final int MAX_DOUBLINGS = 20;

    /** Returns the delay before retry {@code n}, counted from 0. */
    public Duration delay(int n, RandomGenerator random) {
        var ceiling = Math.min(max.toMillis(), first.toMillis() << Math.min(n, MAX_DOUBLINGS));
        return Duration.ofMillis(random.nextLong(ceiling + 1));
    }
}
