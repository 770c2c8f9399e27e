package io.rejoin.edge.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Json;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2030-01-01T12:00:00Z"), ZoneOffset.UTC);

    private @Nullable String kafka;
    private @Nullable String routers;
    private boolean isWellElsewhere = true;
    private @Nullable String history;
    private boolean alive = true;
    private boolean full;
    private long now = -1_000; // nanoTime may be negative
    private final Health health = new Health(() -> 7, () -> full, () -> alive,
            new Health.Needs(new Dependency("kafka", () -> kafka, now), new Dependency("routers", () -> null, now),
                    () -> false),
            List.of(new Dependency("history", () -> history, now)),
            () -> now, CLOCK);

    @Test
    void anEdgeThatIsWellSaysSinceWhen() throws Exception {
        pass(Duration.ofSeconds(90));

        assertThat(Json.MAPPER.writeValueAsString(health.report())).isEqualTo("""
                {"status":"ok","connections":7,"dependencies":{\
                "kafka":{"state":"up","since":"2030-01-01T11:58:30Z"},\
                "routers":{"state":"up","since":"2030-01-01T11:58:30Z"},\
                "history":{"state":"up","since":"2030-01-01T11:58:30Z"}}}""");
        assertThat(health.isReady()).isTrue();
    }

    @Test
    void withoutHistoryAnEdgeIsDegradedAndGoesOn() {
        history = "history: away";
        pass(Duration.ofMinutes(5));

        assertThat(health.report().status()).isEqualTo("degraded");
        assertThat(health.report().problems()).containsExactly("history: away");
        assertThat(health.isReady()).isTrue();
    }

    @Test
    void aFullEdgeSaysSoAndIsUnready() {
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
        pass(Dependency.TROUBLE.minusMillis(300));
        assertThat(health.isReady()).isTrue();
        assertThat(health.report().status()).isEqualTo("degraded");
        pass(Duration.ofMillis(600));
        assertThat(health.isReady()).isFalse();
        assertThat(health.report().status()).isEqualTo("unready");
        kafka = null;
        pass(Dependency.CALM.minusMillis(300));
        assertThat(health.isReady()).isFalse();
        pass(Duration.ofMillis(600));

        assertThat(health.isReady()).isTrue();
        assertThat(health.report().status()).isEqualTo("ok");
    }

    @Test
    void flappingChangesNothing() {
        for (var n = 0; n < 20; n++) {
            kafka = "kafka: away";
            pass(Dependency.TROUBLE.dividedBy(2));
            kafka = null;
            pass(Dependency.CALM.dividedBy(2));
            assertThat(health.isReady()).isTrue();
        }
        kafka = "kafka: away";
        pass(Dependency.TROUBLE.multipliedBy(2));
        for (var n = 0; n < 20; n++) {
            kafka = null;
            pass(Dependency.CALM.dividedBy(2));
            kafka = "kafka: away";
            pass(Dependency.TROUBLE.dividedBy(2));
            assertThat(health.isReady()).isFalse();
        }
    }

    @Test
    void whatIsUnprovenIsReliedOnOnceItWasWell() {
        routers = "routers: none";
        var linked = linked();
        pass(linked, Duration.ofMinutes(5));
        assertThat(linked.isReady()).isFalse();
        assertThat(linked.report().status()).isEqualTo("unready");
        assertThat(linked.report().problems()).containsExactly("routers: none");
        assertThat(linked.isLive()).isTrue();
        routers = null;
        linked.look(); // reliable at once: the first success needs no calm time

        assertThat(linked.isReady()).isTrue();
        assertThat(linked.report().status()).isEqualTo("ok");
    }

    @Test
    void whatIsUnprovenIsNotReliedOnBeforeItWasLookedAtHoweverWellItIs() {
        var linked = linked();
        assertThat(linked.isReady()).isFalse();
        linked.look();

        assertThat(linked.isReady()).isTrue();
    }

    @Test
    void onceProvenItIsLikeAllOthers() {
        var linked = linked();
        pass(linked, Dependency.CALM);
        routers = "routers: none";
        pass(linked, Dependency.TROUBLE.minusMillis(300));
        assertThat(linked.isReady()).isTrue();
        assertThat(linked.report().status()).isEqualTo("degraded");
        pass(linked, Duration.ofMillis(600));
        assertThat(linked.isReady()).isFalse();
        routers = null;
        pass(linked, Dependency.CALM.minusMillis(300));
        assertThat(linked.isReady()).isFalse();
        pass(linked, Duration.ofMillis(600));

        assertThat(linked.isReady()).isTrue();
    }

    @Test
    void oneThatIsNeededIsEnoughToBeUnfit() {
        var linked = linked();
        pass(linked, Dependency.CALM);
        kafka = "kafka: away";
        pass(linked, Dependency.TROUBLE.multipliedBy(2));

        assertThat(linked.isReady()).isFalse();
        assertThat(linked.report().dependencies().keySet()).containsExactly("kafka", "routers");
    }

    @Test
    void whereNoOtherEdgeIsWellOneInTheDarkIsFitAndSaysWhatItIs() {
        var linked = linked();
        pass(linked, Dependency.CALM);
        isWellElsewhere = false;
        routers = "routers: none";
        pass(linked, Dependency.TROUBLE.multipliedBy(2));
        assertThat(linked.isReady()).isTrue();
        assertThat(linked.report().status()).isEqualTo("dark");
        isWellElsewhere = true;
        assertThat(linked.isReady()).isFalse();
        assertThat(linked.report().status()).isEqualTo("unready");
    }

    @Test
    void anEdgeThatStartsWaitsForRoutersButNotForThoseThatDoNotCome() {
        isWellElsewhere = false;
        routers = "routers: none";
        var linked = linked();
        pass(linked, Dependency.TROUBLE.minusMillis(300));
        assertThat(linked.isReady()).isFalse();
        pass(linked, Duration.ofMillis(600));
        assertThat(linked.isReady()).isTrue();
        assertThat(linked.report().status()).isEqualTo("dark");
    }

    /** Health as a real edge creates it: the routers were never healthy yet. */
    private Health linked() {
        return new Health(() -> 7, () -> full, () -> alive,
                new Health.Needs(new Dependency("kafka", () -> kafka, now),
                        Dependency.unproven("routers", () -> routers, now), () -> isWellElsewhere),
                List.of(), () -> now, CLOCK);
    }

    @Test
    void anEdgeThatGoesAwayIsNotFitHoweverWellItIs() {
        health.drain();

        assertThat(health.report().status()).isEqualTo("draining");
        assertThat(health.isReady()).isFalse();
        assertThat(health.isLive()).isTrue();
    }

    @Test
    void anEdgeThatIsDrainedSaysSoUntilThatIsTakenBack() {
        health.drained(true);

        assertThat(health.report().status()).isEqualTo("drained");
        assertThat(health.report().problems()).singleElement().asString().contains("--undo");
        assertThat(health.isReady()).isFalse();
        assertThat(health.isLive()).isTrue();
        health.drained(false);
        assertThat(health.isReady()).isTrue();
    }

    @Test
    void aDrainedEdgeThatIsStoppedIsDraining() {
        health.drained(true);
        health.drain();

        assertThat(health.report().status()).isEqualTo("draining");
    }

    @Test
    void anEdgeWithoutOneOfItsLoopsIsDead() {
        alive = false;

        assertThat(health.isLive()).isFalse();
        assertThat(health.isReady()).isFalse();
    }

    /** Lets time pass like the loop: one look every quarter of a second. */
    private void pass(Duration time) {
        pass(health, time);
    }

    private void pass(Health looked, Duration time) {
        looked.look();
        for (var left = time; left.isPositive(); left = left.minusMillis(250)) {
            now += Math.min(left.toNanos(), 250_000_000);
            looked.look();
        }
    }
}
