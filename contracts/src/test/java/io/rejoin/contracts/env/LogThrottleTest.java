package io.rejoin.contracts.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LogThrottleTest {
    private final LogThrottle throttle = new LogThrottle(Duration.ofNanos(10));

    @Test
    void theFirstIsToldAtOnceAtAnyTime() {
        assertThat(throttle.count(Long.MIN_VALUE)).isOne();
    }

    @Test
    void thoseBetweenAreCountedInTheNextLine() {
        assertThat(throttle.count(-5)).isOne();
        assertThat(throttle.count(0)).isZero();
        assertThat(throttle.count(4)).isZero();
        assertThat(throttle.count(5)).isEqualTo(3);
        assertThat(throttle.count(14)).isZero();
        assertThat(throttle.count(15)).isEqualTo(2);
    }

    @Test
    void itGoesOnWhereTheClockOverflows() {
        assertThat(throttle.count(Long.MAX_VALUE - 2)).isOne();
        assertThat(throttle.count(Long.MIN_VALUE)).isZero();
        assertThat(throttle.count(Long.MIN_VALUE + 7)).isEqualTo(2);
    }
}
