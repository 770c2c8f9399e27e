package io.rejoin.router.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HysteresisTest {
    private final Hysteresis steady = new Hysteresis();
    private long now = -7;

    @Test
    void itIsWellAsSoonAsItIsForTheFirstTime() {
        assertThat(after(Duration.ZERO, false)).isFalse();
        assertThat(after(Duration.ofMinutes(1), false)).isFalse();
        assertThat(after(Duration.ofMillis(1), true)).isTrue();
    }

    @Test
    void troubleCountsWhenItLasts() {
        after(Duration.ZERO, true);
        assertThat(after(Duration.ofMillis(1), false)).isTrue();
        assertThat(after(Hysteresis.TROUBLE.minusMillis(1), false)).isTrue();
        assertThat(after(Duration.ofMillis(1), false)).isFalse();
    }

    @Test
    void afterTroubleItHasToStayWellForAWhile() {
        after(Duration.ZERO, true);
        after(Duration.ZERO, false);
        after(Hysteresis.TROUBLE, false);
        assertThat(after(Duration.ofMillis(1), true)).isFalse();
        assertThat(after(Hysteresis.CALM.minusMillis(1), true)).isFalse();
        after(Duration.ZERO, false);
        assertThat(after(Duration.ofMillis(1), true)).isFalse();
        assertThat(after(Hysteresis.CALM, true)).isTrue();
    }

    private boolean after(Duration time, boolean well) {
        now += time.toNanos();
        return steady.look(well, now);
    }
}
