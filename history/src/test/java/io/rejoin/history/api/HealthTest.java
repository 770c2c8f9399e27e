package io.rejoin.history.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2030-01-01T12:00:00Z"), ZoneOffset.UTC);

    private boolean postgresIsAway;
    private boolean kafkaIsAway;
    private boolean alive = true;
    private long now;
    private final Dependency postgres = new Dependency("postgres", () -> answer(postgresIsAway), () -> now);
    private final Dependency kafka = new Dependency("kafka", () -> answer(kafkaIsAway), () -> now);
    private final Health health = new Health(() -> alive, postgres, kafka, () -> now, CLOCK);

    @Test
    void withoutPostgresItIsUnreadyAfterAWhileAndReadyAgainAfterAnother() {
        postgresIsAway = true;
        pass(Dependency.TROUBLE.minusSeconds(1));
        assertThat(health.isReady()).isTrue();
        assertThat(health.report().get("status")).isEqualTo("degraded");
        pass(Duration.ofSeconds(2));
        assertThat(health.isReady()).isFalse();
        assertThat(health.report().get("status")).isEqualTo("unready");
        postgresIsAway = false;
        pass(Duration.ofSeconds(1));
        assertThat(health.isReady()).isFalse();
        pass(Dependency.CALM);

        assertThat(health.isReady()).isTrue();
        assertThat(health.report().get("status")).isEqualTo("ok");
    }

    @Test
    void withoutKafkaItIsDegradedAndGoesOn() {
        kafkaIsAway = true;
        pass(Duration.ofMinutes(1));

        assertThat(health.isReady()).isTrue();
        assertThat(health.report().get("status")).isEqualTo("degraded");
        assertThat(String.valueOf(health.report().get("dependencies"))).contains("kafka={state=down",
                "since=2030-01-01T11:59:00Z", "kafka: unreachable: no answer", "postgres={state=up");
    }

    @Test
    void aServiceThatGoesAwayOrHasLostALoopIsNotFit() {
        alive = false;
        assertThat(health.isLive()).isFalse();
        assertThat(health.isReady()).isFalse();
        alive = true;
        health.drain();

        assertThat(health.isLive()).isTrue();
        assertThat(health.isReady()).isFalse();
        assertThat(health.report().get("status")).isEqualTo("draining");
    }

    private void pass(Duration time) {
        postgres.ask();
        kafka.ask();
        for (var left = time; left.isPositive(); left = left.minusSeconds(1)) {
            now += Duration.ofSeconds(1).toNanos();
            postgres.ask();
            kafka.ask();
        }
    }

    private static void answer(boolean isAway) {
        if (isAway) throw new IllegalStateException("no answer");
    }
}
