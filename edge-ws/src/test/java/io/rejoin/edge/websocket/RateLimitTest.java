package io.rejoin.edge.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private long now = Long.MAX_VALUE - 5; // nanoTime may overflow
    private final RateLimit limit = new RateLimit(new Rates(10, 1_000, Duration.ofSeconds(30)), now);

    @Test
    void aBurstIsFreeAndWhatGoesBeyondIsPaidInTime() {
        assertThat(messages(40)).isZero();
        assertThat(messages(1)).isEqualTo(Duration.ofMillis(100));
        pass(Duration.ofMillis(100));
        assertThat(messages(5)).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void bytesCountToo() {
        assertThat(bytes(4_000)).isZero();
        assertThat(bytes(2_000)).isEqualTo(Duration.ofSeconds(2));
        assertThat(messages(1)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void silenceFillsNoMoreThanTheBurst() {
        messages(40);
        pass(Duration.ofHours(1));

        assertThat(messages(40)).isZero();
        assertThat(messages(10)).isEqualTo(SECOND);
    }

    @Test
    void aClientWithinItsRateIsNeverSlowedDown() {
        for (var n = 0; n < 10_000; n++) {
            assertThat(messages(9)).isZero();
            pass(SECOND);
        }
    }

    @Test
    void whoeverSendsWhateverHappensIsHopelessAfterAWhile() {
        messages(40);
        for (var begun = now; now - begun <= Duration.ofSeconds(30).toNanos();) {
            assertThat(limit.isOverLimitTooLong()).isFalse();
            pass(messages(50));
        }
        pass(messages(50));

        assertThat(limit.isOverLimitTooLong()).isTrue();
    }

    @Test
    void whoeverWaitsForAnswersIsOnlySlowedDown() {
        messages(60); // what the client could not send while it was away
        for (var n = 0; n < 10_000; n++) pass(messages(1));

        assertThat(limit.isOverLimitTooLong()).isFalse();
    }

    @Test
    void whoeverComesToRestInBetweenIsForgiven() {
        for (var n = 0; n < 100; n++) {
            pass(messages(60));
            pass(Duration.ofSeconds(11));
            assertThat(limit.isOverLimitTooLong()).isFalse();
        }
    }

    private Duration messages(int count) {
        return limit.take(count, 0, now);
    }

    private Duration bytes(int count) {
        return limit.take(0, count, now);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }
}
