package io.rejoin.resilience;

import static io.rejoin.resilience.Hysteresis.RELIABLE_AFTER;
import static io.rejoin.resilience.Hysteresis.UNRELIABLE_AFTER;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HysteresisTest {
    private static final long START = -7; // System.nanoTime may be negative

    private Hysteresis hysteresis = Hysteresis.reliable(true, START);
    private long now = START;

    @Test
    void anUnprovenSourceIsReliableFromTheFirstHealthyReading() {
        hysteresis = Hysteresis.unproven(now);
        assertThat(after(Duration.ZERO, false)).isFalse();
        assertThat(after(Duration.ofMinutes(1), false)).isFalse();
        assertThat(hysteresis.isUnproven()).isTrue();
        assertThat(after(Duration.ofMillis(1), true)).isTrue();
        assertThat(hysteresis.isUnproven()).isFalse();
    }

    @Test
    void onlyLastingTroubleMakesASourceUnreliable() {
        assertThat(after(Duration.ofMillis(1), false)).isTrue();
        assertThat(after(UNRELIABLE_AFTER.minusMillis(1), false)).isTrue();
        assertThat(after(Duration.ofMillis(1), false)).isFalse();
    }

    @Test
    void anUnreliableSourceHasToStayHealthyForAWhile() {
        after(Duration.ZERO, false);
        after(UNRELIABLE_AFTER, false);
        assertThat(after(Duration.ofMillis(1), true)).isFalse();
        assertThat(after(RELIABLE_AFTER.minusMillis(1), true)).isFalse();
        after(Duration.ZERO, false);
        assertThat(after(Duration.ofMillis(1), true)).isFalse();
        assertThat(after(RELIABLE_AFTER, true)).isTrue();
    }

    @Test
    void sinceIsTheTimeOfTheLastChange() {
        after(Duration.ofSeconds(1), true);
        assertThat(hysteresis.since()).isEqualTo(START);
        after(Duration.ofSeconds(1), false);
        var changed = now;
        after(Duration.ofSeconds(1), false);
        assertThat(hysteresis.since()).isEqualTo(changed);
    }

    private boolean after(Duration time, boolean healthy) {
        now += time.toNanos();
        return hysteresis.update(healthy, now);
    }
}
