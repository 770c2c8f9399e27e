package io.rejoin.history.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.resilience.Hysteresis;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class HistoryHealthTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2030-01-01T12:00:00Z"), ZoneOffset.UTC);

    private boolean isPostgresDown;
    private boolean isKafkaDown;
    private boolean isAlive = true;
    private long now;
    private final DependencyCheck postgres = new DependencyCheck("postgres", () -> check(isPostgresDown), () -> now);
    private final DependencyCheck kafka = new DependencyCheck("kafka", () -> check(isKafkaDown), () -> now);
    private final HistoryHealth health = new HistoryHealth(() -> isAlive, postgres.dependency(),
            kafka.dependency(), () -> now, CLOCK);

    @Test
    void aLongOutageOfPostgresMakesItUnreadyUntilPostgresIsStable() {
        isPostgresDown = true;
        passTime(Hysteresis.UNRELIABLE_AFTER.minusSeconds(1));
        assertThat(health.isReady()).isTrue();
        assertThat(health.report().get("status")).isEqualTo("degraded");
        passTime(Duration.ofSeconds(2));
        assertThat(health.isReady()).isFalse();
        assertThat(health.report().get("status")).isEqualTo("unready");
        isPostgresDown = false;
        passTime(Duration.ofSeconds(1));
        assertThat(health.isReady()).isFalse();
        passTime(Hysteresis.RELIABLE_AFTER);

        assertThat(health.isReady()).isTrue();
        assertThat(health.report().get("status")).isEqualTo("ok");
    }

    @Test
    void withoutKafkaItIsDegradedButReady() {
        isKafkaDown = true;
        passTime(Duration.ofMinutes(1));

        assertThat(health.isReady()).isTrue();
        assertThat(health.report().get("status")).isEqualTo("degraded");
        assertThat(String.valueOf(health.report().get("dependencies"))).contains("kafka={state=down",
                "since=2030-01-01T11:59:00Z", "kafka: unreachable: no answer", "postgres={state=up");
    }

    @Test
    void aServiceThatDrainsOrHasLostALoopIsNotReady() {
        isAlive = false;
        assertThat(health.isLive()).isFalse();
        assertThat(health.isReady()).isFalse();
        isAlive = true;
        health.drain();

        assertThat(health.isLive()).isTrue();
        assertThat(health.isReady()).isFalse();
        assertThat(health.report().get("status")).isEqualTo("draining");
    }

    private void passTime(Duration time) {
        postgres.update();
        kafka.update();
        for (var left = time; left.isPositive(); left = left.minusSeconds(1)) {
            now += Duration.ofSeconds(1).toNanos();
            postgres.update();
            kafka.update();
        }
    }

    private static void check(boolean isDown) {
        if (isDown) throw new IllegalStateException("no answer");
    }
}
