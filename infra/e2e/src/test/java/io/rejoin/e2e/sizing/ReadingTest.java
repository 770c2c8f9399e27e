package io.rejoin.e2e.sizing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadingTest {
    private static final Reading BEFORE = new Reading(Duration.ofSeconds(100), Map.of(Part.EDGE, Duration.ofSeconds(5)),
            Map.of("rejoin.events", 1_000L));
    private static final Reading AFTER = new Reading(Duration.ofSeconds(110),
            Map.of(Part.EDGE, Duration.ofSeconds(7), Part.ROUTER, Duration.ofSeconds(1)),
            Map.of("rejoin.events", 1_500L, "rejoin.state", 20L));
    private static final Reading IDLE = new Reading(Duration.ofSeconds(20),
            Map.of(Part.EDGE, Duration.ofSeconds(1), Part.ROUTER, Duration.ofSeconds(4)), Map.of());

    @Test
    void betweenTwoReadingsIsTheirDifference() {
        var used = AFTER.since(BEFORE);
        assertThat(used).isEqualTo(new Reading(Duration.ofSeconds(10),
                Map.of(Part.EDGE, Duration.ofSeconds(2), Part.ROUTER, Duration.ofSeconds(1)),
                Map.of("rejoin.events", 500L, "rejoin.state", 20L)));
        assertThat(used.bytes("rejoin.commands")).isZero();
    }

    @Test
    void whatIsUsedAnywayIsNotCountedForTheWork() {
        var used = AFTER.since(BEFORE);
        assertThat(used.microsBeyond(Part.EDGE, IDLE)).isEqualTo(1.5e6); // 2 s, minus 50 ms in each of 10 s
        assertThat(used.microsBeyond(Part.ROUTER, IDLE)).isZero(); // less than its idle time: noise
    }
}
