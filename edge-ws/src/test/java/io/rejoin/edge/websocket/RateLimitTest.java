package io.rejoin.edge.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private long now = Long.MAX_VALUE - 5; // nanoTime may overflow
    private final RateLimit limit = new RateLimit(new Rates(10, 1_000, Duration.ofSeconds(30)), now);

    @Test
    void aBurstIsFreeAndMoreIsDelayed() {
        assertThat(messages(40)).isZero();
        assertThat(messages(1)).isEqualTo(Duration.ofMillis(100));
        advanceTime(Duration.ofMillis(100));
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
        advanceTime(Duration.ofHours(1));

        assertThat(messages(40)).isZero();
        assertThat(messages(10)).isEqualTo(SECOND);
    }

    @Test
    void aClientWithinItsRateIsNeverSlowedDown() {
        for (var n = 0; n < 10_000; n++) {
            assertThat(messages(9)).isZero();
            advanceTime(SECOND);
        }
    }

    @Test
    void aClientThatNeverWaitsIsOverTheLimitTooLong() {
        messages(40);
        for (var begun = now; now - begun <= Duration.ofSeconds(30).toNanos();) {
            assertThat(limit.isOverLimitTooLong()).isFalse();
            advanceTime(messages(50));
        }
        advanceTime(messages(50));

        assertThat(limit.isOverLimitTooLong()).isTrue();
    }

    @Test
    void aClientThatWaitsForAnswersIsOnlySlowedDown() {
        messages(60); // what the client could not send while it was away
        for (var n = 0; n < 10_000; n++) advanceTime(messages(1));

        assertThat(limit.isOverLimitTooLong()).isFalse();
    }

    @Test
    void longDelaysAreForgottenAfterAPause() {
        for (var n = 0; n < 100; n++) {
            advanceTime(messages(60));
            advanceTime(Duration.ofSeconds(11));
            assertThat(limit.isOverLimitTooLong()).isFalse();
        }
    }

    private Duration messages(int count) {
        return limit.consume(count, 0, now);
    }

    private Duration bytes(int count) {
        return limit.consume(0, count, now);
    }

    private void advanceTime(Duration time) {
        now += time.toNanos();
    }
}
