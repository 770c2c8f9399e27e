package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.ConnectionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GracePeriodsTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final List<Runnable> later = new ArrayList<>();
    private final List<Duration> waits = new ArrayList<>();
    private final List<GracePeriods.BrokenConnection> left = new ArrayList<>();

    @Test
    void whoBrokeLeavesOnceWhenTheGraceIsOver() {
        var gracePeriods = gracePeriods(GRACE);
        var ann = departed("c1");
        gracePeriods.add(ann);

        assertThat(left).isEmpty();
        assertThat(gracePeriods.count()).isEqualTo(1);
        assertThat(waits).containsExactly(GRACE);
        later.forEach(Runnable::run);
        later.forEach(Runnable::run);
        assertThat(left).containsExactly(ann);
        assertThat(gracePeriods.count()).isZero();
    }

    @Test
    void withoutAGraceTheyLeaveAtOnce() {
        var gracePeriods = gracePeriods(Duration.ZERO);
        gracePeriods.add(departed("c1"));

        assertThat(left).hasSize(1);
        assertThat(later).isEmpty();
    }

    @Test
    void whenTheEdgeEndsAllLeaveAtOnceAndOnlyOnce() {
        var gracePeriods = gracePeriods(GRACE);
        gracePeriods.add(departed("c1"));
        gracePeriods.add(departed("c2"));
        gracePeriods.departAll();
        later.forEach(Runnable::run);

        assertThat(left).hasSize(2);
        assertThat(gracePeriods.count()).isZero();
    }

    @Test
    void whoWasInNoRoomNeedsNoGrace() {
        var gracePeriods = gracePeriods(GRACE);
        gracePeriods.add(new GracePeriods.BrokenConnection(new ConnectionId("c1"), List.of()));

        assertThat(gracePeriods.count()).isZero();
        assertThat(later).isEmpty();
    }

    @Test
    void howManyWaitIsBounded() {
        var gracePeriods = gracePeriods(GRACE);
        for (var n = 0; n < 60_000; n++) gracePeriods.add(departed("c" + n));

        assertThat(gracePeriods.count()).isEqualTo(50_000);
        assertThat(left).hasSize(10_000);
    }

    private GracePeriods gracePeriods(Duration grace) {
        return new GracePeriods(grace, (after, task) -> {
            waits.add(after);
            later.add(task);
        }, left::add);
    }

    private static GracePeriods.BrokenConnection departed(String connection) {
        return new GracePeriods.BrokenConnection(new ConnectionId(connection), List.of(Fixture.LOBBY));
    }
}
