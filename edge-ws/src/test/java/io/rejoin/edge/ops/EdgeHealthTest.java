package io.rejoin.edge.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Json;
import io.rejoin.resilience.Dependency;
import io.rejoin.resilience.Hysteresis;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EdgeHealthTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2030-01-01T12:00:00Z"), ZoneOffset.UTC);

    private @Nullable String kafka;
    private @Nullable String routers;
    private boolean isAnotherEdgeHealthy = true;
    private @Nullable String history;
    private boolean alive = true;
    private boolean full;
    private long now = -1_000; // nanoTime may be negative
    private final EdgeHealth health = new EdgeHealth(() -> 7, () -> full, () -> alive,
            new EdgeHealth.RequiredDependencies(Dependency.reliable("kafka", () -> kafka, now),
                    Dependency.reliable("routers", () -> null, now), () -> false),
            List.of(Dependency.reliable("history", () -> history, now)),
            () -> now, CLOCK);

    @Test
    void aHealthyEdgeReportsSinceWhen() throws Exception {
        advanceTime(Duration.ofSeconds(90));

        assertThat(Json.MAPPER.writeValueAsString(health.report())).isEqualTo("""
                {"status":"ok","connections":7,"dependencies":{\
                "kafka":{"state":"up","since":"2030-01-01T11:58:30Z"},\
                "routers":{"state":"up","since":"2030-01-01T11:58:30Z"},\
                "history":{"state":"up","since":"2030-01-01T11:58:30Z"}}}""");
        assertThat(health.isReady()).isTrue();
    }

    @Test
    void withoutHistoryAnEdgeIsDegradedButReady() {
        history = "history: away";
        advanceTime(Duration.ofMinutes(5));

        assertThat(health.report().status()).isEqualTo("degraded");
        assertThat(health.report().problems()).containsExactly("history: away");
        assertThat(health.isReady()).isTrue();
    }

    @Test
    void aFullEdgeIsUnready() {
        full = true;
        assertThat(health.isReady()).isFalse();
        assertThat(health.isLive()).isTrue();
        assertThat(health.report().status()).isEqualTo("full");
        assertThat(health.report().problems()).singleElement().asString().contains("EDGE_MAX_CONNECTIONS");
        full = false;
        assertThat(health.isReady()).isTrue();
        assertThat(health.report().status()).isEqualTo("ok");
    }

    @Test
    void withoutKafkaItIsUnreadyAfterAWhileAndReadyAgainAfterAnother() {
        kafka = "kafka: away";
        advanceTime(Hysteresis.UNRELIABLE_AFTER.minusMillis(300));
        assertThat(health.isReady()).isTrue();
        assertThat(health.report().status()).isEqualTo("degraded");
        advanceTime(Duration.ofMillis(600));
        assertThat(health.isReady()).isFalse();
        assertThat(health.report().status()).isEqualTo("unready");
        kafka = null;
        advanceTime(Hysteresis.RELIABLE_AFTER.minusMillis(300));
        assertThat(health.isReady()).isFalse();
        advanceTime(Duration.ofMillis(600));

        assertThat(health.isReady()).isTrue();
        assertThat(health.report().status()).isEqualTo("ok");
    }

    @Test
    void flappingChangesNothing() {
        for (var n = 0; n < 20; n++) {
            kafka = "kafka: away";
            advanceTime(Hysteresis.UNRELIABLE_AFTER.dividedBy(2));
            kafka = null;
            advanceTime(Hysteresis.RELIABLE_AFTER.dividedBy(2));
            assertThat(health.isReady()).isTrue();
        }
        kafka = "kafka: away";
        advanceTime(Hysteresis.UNRELIABLE_AFTER.multipliedBy(2));
        for (var n = 0; n < 20; n++) {
            kafka = null;
            advanceTime(Hysteresis.RELIABLE_AFTER.dividedBy(2));
            kafka = "kafka: away";
            advanceTime(Hysteresis.UNRELIABLE_AFTER.dividedBy(2));
            assertThat(health.isReady()).isFalse();
        }
    }

    @Test
    void anUnprovenDependencyIsReliableOnceItWasHealthy() {
        routers = "routers: none";
        var healthWithRouters = healthWithRouters();
        advanceTime(healthWithRouters, Duration.ofMinutes(5));
        assertThat(healthWithRouters.isReady()).isFalse();
        assertThat(healthWithRouters.report().status()).isEqualTo("unready");
        assertThat(healthWithRouters.report().problems()).containsExactly("routers: none");
        assertThat(healthWithRouters.isLive()).isTrue();
        routers = null;
        healthWithRouters.update(); // reliable at once: the first success needs no calm time

        assertThat(healthWithRouters.isReady()).isTrue();
        assertThat(healthWithRouters.report().status()).isEqualTo("ok");
    }

    @Test
    void anUnprovenDependencyIsUnreliableBeforeItsFirstUpdate() {
        var healthWithRouters = healthWithRouters();
        assertThat(healthWithRouters.isReady()).isFalse();
        healthWithRouters.update();

        assertThat(healthWithRouters.isReady()).isTrue();
    }

    @Test
    void aProvenDependencyIsLikeOthers() {
        var healthWithRouters = healthWithRouters();
        advanceTime(healthWithRouters, Hysteresis.RELIABLE_AFTER);
        routers = "routers: none";
        advanceTime(healthWithRouters, Hysteresis.UNRELIABLE_AFTER.minusMillis(300));
        assertThat(healthWithRouters.isReady()).isTrue();
        assertThat(healthWithRouters.report().status()).isEqualTo("degraded");
        advanceTime(healthWithRouters, Duration.ofMillis(600));
        assertThat(healthWithRouters.isReady()).isFalse();
        routers = null;
        advanceTime(healthWithRouters, Hysteresis.RELIABLE_AFTER.minusMillis(300));
        assertThat(healthWithRouters.isReady()).isFalse();
        advanceTime(healthWithRouters, Duration.ofMillis(600));

        assertThat(healthWithRouters.isReady()).isTrue();
    }

    @Test
    void oneUnreliableRequiredDependencyMakesTheEdgeUnready() {
        var healthWithRouters = healthWithRouters();
        advanceTime(healthWithRouters, Hysteresis.RELIABLE_AFTER);
        kafka = "kafka: away";
        advanceTime(healthWithRouters, Hysteresis.UNRELIABLE_AFTER.multipliedBy(2));

        assertThat(healthWithRouters.isReady()).isFalse();
        assertThat(healthWithRouters.report().dependencies().keySet()).containsExactly("kafka", "routers");
    }

    @Test
    void aDarkEdgeIsReadyWhileNoOtherEdgeIsHealthy() {
        var healthWithRouters = healthWithRouters();
        advanceTime(healthWithRouters, Hysteresis.RELIABLE_AFTER);
        isAnotherEdgeHealthy = false;
        routers = "routers: none";
        advanceTime(healthWithRouters, Hysteresis.UNRELIABLE_AFTER.multipliedBy(2));
        assertThat(healthWithRouters.isReady()).isTrue();
        assertThat(healthWithRouters.report().status()).isEqualTo("dark");
        isAnotherEdgeHealthy = true;
        assertThat(healthWithRouters.isReady()).isFalse();
        assertThat(healthWithRouters.report().status()).isEqualTo("unready");
    }

    @Test
    void aStartingEdgeWaitsForRoutersForALimitedTime() {
        isAnotherEdgeHealthy = false;
        routers = "routers: none";
        var healthWithRouters = healthWithRouters();
        advanceTime(healthWithRouters, Hysteresis.UNRELIABLE_AFTER.minusMillis(300));
        assertThat(healthWithRouters.isReady()).isFalse();
        advanceTime(healthWithRouters, Duration.ofMillis(600));
        assertThat(healthWithRouters.isReady()).isTrue();
        assertThat(healthWithRouters.report().status()).isEqualTo("dark");
    }

    /** Health as a real edge creates it: the routers were never healthy yet. */
    private EdgeHealth healthWithRouters() {
        return new EdgeHealth(() -> 7, () -> full, () -> alive,
                new EdgeHealth.RequiredDependencies(Dependency.reliable("kafka", () -> kafka, now),
                        Dependency.unproven("routers", () -> routers, now), () -> isAnotherEdgeHealthy),
                List.of(), () -> now, CLOCK);
    }

    @Test
    void aDrainingEdgeIsUnready() {
        health.setDraining();

        assertThat(health.report().status()).isEqualTo("draining");
        assertThat(health.isReady()).isFalse();
        assertThat(health.isLive()).isTrue();
    }

    @Test
    void aDrainedEdgeIsUnreadyUntilTheDrainIsUndone() {
        health.setDrained(true);

        assertThat(health.report().status()).isEqualTo("drained");
        assertThat(health.report().problems()).singleElement().asString().contains("--undo");
        assertThat(health.isReady()).isFalse();
        assertThat(health.isLive()).isTrue();
        health.setDrained(false);
        assertThat(health.isReady()).isTrue();
    }

    @Test
    void aDrainedEdgeThatIsStoppedIsDraining() {
        health.setDrained(true);
        health.setDraining();

        assertThat(health.report().status()).isEqualTo("draining");
    }

    @Test
    void anEdgeWithoutOneOfItsThreadsIsNotLive() {
        alive = false;

        assertThat(health.isLive()).isFalse();
        assertThat(health.isReady()).isFalse();
    }

    /** Lets time pass like the loop: one update every quarter of a second. */
    private void advanceTime(Duration time) {
        advanceTime(health, time);
    }

    private void advanceTime(EdgeHealth updated, Duration time) {
        updated.update();
        for (var left = time; left.isPositive(); left = left.minusMillis(250)) {
            now += Math.min(left.toNanos(), 250_000_000);
            updated.update();
        }
    }
}
