package io.rejoin.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    @Test
    void delaysDoubleUpToTheMaximumAndSpreadBelowIt() {
        var random = new Random(1);
        for (var n = 0; n < 1_000; n++) {
            var ceiling = Math.min(5_000, 100L << Math.min(n, 10));
            assertThat(BACKOFF.delay(n, random)).isBetween(Duration.ZERO, Duration.ofMillis(ceiling));
        }
    }

    @Test
    void delaysUseTheWholeRange() {
        var random = new Random(1);
        var delays = random.longs(1_000).mapToObj(_ -> BACKOFF.delay(30, random)).sorted().toList();
        assertThat(delays.getFirst()).isLessThan(Duration.ofMillis(100));
        assertThat(delays.getLast()).isGreaterThan(Duration.ofMillis(4_900));
    }
}
