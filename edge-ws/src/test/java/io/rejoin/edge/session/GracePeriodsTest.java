package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.ConnectionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GracePeriodsTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final List<Runnable> delayed = new ArrayList<>();
    private final List<Duration> waits = new ArrayList<>();
    private final List<GracePeriods.BrokenConnection> left = new ArrayList<>();

    @Test
    void aBrokenConnectionLeavesOnceAfterTheGracePeriod() {
        var gracePeriods = gracePeriods(GRACE);
        var ann = brokenConnection("c1");
        gracePeriods.add(ann);

        assertThat(left).isEmpty();
        assertThat(gracePeriods.count()).isEqualTo(1);
        assertThat(waits).containsExactly(GRACE);
        delayed.forEach(Runnable::run);
        delayed.forEach(Runnable::run);
        assertThat(left).containsExactly(ann);
        assertThat(gracePeriods.count()).isZero();
    }

    @Test
    void withoutAGracePeriodABrokenConnectionLeavesAtOnce() {
        var gracePeriods = gracePeriods(Duration.ZERO);
        gracePeriods.add(brokenConnection("c1"));

        assertThat(left).hasSize(1);
        assertThat(delayed).isEmpty();
    }

    @Test
    void allLeaveOnceWhenTheEdgeEnds() {
        var gracePeriods = gracePeriods(GRACE);
        gracePeriods.add(brokenConnection("c1"));
        gracePeriods.add(brokenConnection("c2"));
        gracePeriods.endAll();
        delayed.forEach(Runnable::run);

        assertThat(left).hasSize(2);
        assertThat(gracePeriods.count()).isZero();
    }

    @Test
    void aConnectionWithoutRoomsGetsNoGracePeriod() {
        var gracePeriods = gracePeriods(GRACE);
        gracePeriods.add(new GracePeriods.BrokenConnection(new ConnectionId("c1"), List.of()));

        assertThat(gracePeriods.count()).isZero();
        assertThat(delayed).isEmpty();
    }

    @Test
    void theNumberOfWaitingConnectionsIsBounded() {
        var gracePeriods = gracePeriods(GRACE);
        for (var n = 0; n < 60_000; n++) gracePeriods.add(brokenConnection("c" + n));

        assertThat(gracePeriods.count()).isEqualTo(50_000);
        assertThat(left).hasSize(10_000);
    }

    private GracePeriods gracePeriods(Duration grace) {
        return new GracePeriods(grace, (after, task) -> {
            waits.add(after);
            delayed.add(task);
        }, left::add);
    }

    private static GracePeriods.BrokenConnection brokenConnection(String connection) {
        return new GracePeriods.BrokenConnection(new ConnectionId(connection), List.of(Fixture.LOBBY));
    }
}
