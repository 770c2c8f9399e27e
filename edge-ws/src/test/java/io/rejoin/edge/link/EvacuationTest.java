package io.rejoin.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.EdgeHeartbeat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EvacuationTest {
    private final List<String> done = new ArrayList<>();
    private long now = 1;
    private int uncoveredShards;
    private final Evacuation evacuation = new Evacuation("own", () -> uncoveredShards, () -> done.add("away"),
            () -> done.add("back"), () -> now);

    @Test
    void anEvacuationBeginsWhenShardsAreUncoveredForLong() {
        uncoveredShards = 1;
        advanceTime(Evacuation.EVACUATE_AFTER.minusSeconds(1), "ok");
        assertThat(done).isEmpty();
        advanceTime(Duration.ofSeconds(3), "ok");
        assertThat(done).containsExactly("away");
        advanceTime(Duration.ofSeconds(30), "degraded");
        assertThat(done).as("once").containsExactly("away");
    }

    @Test
    void anEvacuationEndsWhenAllShardsAreCovered() {
        uncoveredShards = 1;
        advanceTime(Evacuation.EVACUATE_AFTER.plusSeconds(2), "ok");
        uncoveredShards = 0;
        advanceTime(Duration.ofSeconds(1), "ok");
        assertThat(done).containsExactly("away", "back");
    }

    @Test
    void withoutAnotherHealthyEdgeThereIsNoEvacuation() {
        uncoveredShards = 1;
        advanceTime(Duration.ofMinutes(2), "unready");
        advanceTime(Duration.ofMinutes(2), "drained");
        for (var second = 0; second < 60; second++) {
            evacuation.onHeartbeat(new EdgeHeartbeat(new EdgeRef("own", 1, 0), "here", 1, "ok"));
            advanceTime(Duration.ofSeconds(1), null);
        }
        assertThat(done).isEmpty();
    }

    @Test
    void anEvacuationEndsWhenNoOtherEdgeIsHealthy() {
        uncoveredShards = 1;
        advanceTime(Evacuation.EVACUATE_AFTER.plusSeconds(2), "ok");
        advanceTime(Evacuation.HEALTHY_FOR.plusSeconds(1), "unready");
        assertThat(done).containsExactly("away", "back");
    }

    @Test
    void afterAHealthyHeartbeatFurtherOnesAreSkippedForAWhile() {
        assertThat(evacuation.needsHeartbeat()).isTrue();
        advanceTime(Duration.ofSeconds(1), "unready");
        assertThat(evacuation.needsHeartbeat()).isTrue();
        advanceTime(Duration.ofSeconds(1), "ok");
        assertThat(evacuation.needsHeartbeat()).isFalse();
        now += Evacuation.SKIP_HEARTBEATS_FOR.toNanos();
        assertThat(evacuation.needsHeartbeat()).isTrue();
        assertThat(evacuation.isAnotherEdgeHealthy()).isTrue();
    }

    @Test
    void aTakeoverCausesNoEvacuation() {
        for (var n = 0; n < 10; n++) {
            uncoveredShards = 6;
            advanceTime(Duration.ofSeconds(10), "ok");
            uncoveredShards = 0;
            advanceTime(Duration.ofSeconds(1), "ok");
        }
        assertThat(done).isEmpty();
    }

    private void advanceTime(Duration time, @Nullable String status) {
        for (var passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plusSeconds(1)) {
            now += Duration.ofSeconds(1).toNanos();
            evacuation.onHeartbeat(new EdgeHeartbeat(new EdgeRef("other", 1, 0), "there", 1, status));
            evacuation.update();
        }
    }
}
