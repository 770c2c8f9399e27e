package io.rejoin.edge.fanout;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Exponential delay with full jitter: retry n, from 0, waits between 0 and {@code min(max, first * 2^n)}. */
public record Backoff(Duration first, Duration max) {
    public Duration delay(int n, RandomGenerator random) {
        var ceiling = Math.min(max.toMillis(), first.toMillis() << Math.min(n, 20));
        return Duration.ofMillis(random.nextLong(ceiling + 1));
    }
}
