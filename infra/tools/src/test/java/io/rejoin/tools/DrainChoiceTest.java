package io.rejoin.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.EdgeHeartbeat;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Checks which edge {@link DrainChoice} chooses from heartbeats, and whether it may be drained. */
class DrainChoiceTest {
    private static final long NOW = 1_000_000;
    private static final Heartbeats.Heard ONE = heard("edge-1-aa", "ok", 0);
    private static final Heartbeats.Heard TWO = heard("edge-2-bb", "degraded", 3);

    private static Heartbeats.Heard heard(String id, @Nullable String status, long secondsAgo) {
        return new Heartbeats.Heard(new EdgeHeartbeat(new EdgeRef(id, 1, 0), "10.0.0.1:8080", 7, status),
                0, NOW - Duration.ofSeconds(secondsAgo).toMillis());
    }

    /**
     * An edge with an id in the usual form.
     *
     * @param from seconds since its first heartbeat
     * @param to   seconds since its last heartbeat
     */
    private static Heartbeats.Heard heard(String name, String drawn, String address, long from, long to) {
        var heartbeat = new EdgeHeartbeat(new EdgeRef(name + "-" + drawn.repeat(12), 1, 0), address, 7, "ok");
        return new Heartbeats.Heard(heartbeat, NOW - from * 1_000, NOW - to * 1_000);
    }

    private static DrainChoice choice(String name, Heartbeats.Heard... edges) {
        return DrainChoice.of(new Heartbeats(Stream.of(edges).toList(), NOW), name, false, false);
    }

    @Test
    void anEdgeIsMeantByItsIdOrByHowThatOfOnlyOneBegins() {
        assertThat(choice("edge-1-aa", ONE, TWO)).isEqualTo(new DrainChoice.Edge(ONE.heartbeat()));
        assertThat(choice("edge-2", ONE, TWO)).isEqualTo(new DrainChoice.Edge(TWO.heartbeat()));
        var longer = heard("edge-1-aa2", "ok", 0);
        assertThat(choice("edge-1-aa", ONE, longer)).isEqualTo(new DrainChoice.Edge(ONE.heartbeat()));
    }

    @Test
    void anEdgeThatWasStartedAnewIsNotMeantAnyMore() {
        var before = heard("edge-1", "a", "10.0.0.1:8080", 100, 5);
        var now = heard("edge-1", "b", "10.0.0.1:8080", 2, 0);
        assertThat(choice("edge-1", before, now, TWO)).isEqualTo(new DrainChoice.Edge(now.heartbeat()));
        assertThat(new Heartbeats(List.of(before, now, TWO), NOW).latest()).containsExactly(now, TWO);
    }

    /** Several edges may have the same name. In containers they may have the same address, too. */
    @Test
    void edgesThatAreHeardBesideEachOtherAreSeveral() {
        var before = heard("edge", "a", "0.0.0.0:8080", 100, 1);
        var other = heard("edge", "b", "0.0.0.0:8080", 2, 0);
        assertThat(choice("edge", before, other)).isInstanceOf(DrainChoice.NoSuchEdge.class);
        for (var separate : List.of(heard("edge", "b", "0.0.0.0:8081", 0, 0),
                heard("edge-2", "b", "0.0.0.0:8080", 0, 0),
                heard("edge", "b", "0.0.0.0:8080", 1, 0), heard("edge", "b", "0.0.0.0:8080", 0, 0)))
            assertThat(new Heartbeats(List.of(before, separate), NOW).latest()).containsExactly(before, separate);
    }

    @Test
    void anEdgeThatIsSilentIsNotTakenForAnEarlierStartOfAnother() {
        for (var address : List.of("0.0.0.0:8080", "[::]:8080", "[0:0:0:0:0:0:0:0]:8080")) {
            var cutOff = heard("edge", "a", address, 100, 20);
            var started = heard("edge", "b", address, 10, 0);
            assertThat(new Heartbeats(List.of(cutOff, started), NOW).latest()).containsExactly(cutOff, started);
        }
    }

    @Test
    void anEdgeThatWasHeardJustNowStillRunsWhoeverCame() {
        var runs = heard("edge-1", "a", "10.0.0.1:8080", 100, 1);
        var came = heard("edge-1", "b", "10.0.0.1:8080", 0, 0);
        assertThat(new Heartbeats(List.of(runs, came), NOW).latest()).containsExactly(runs, came);
    }

    @Test
    void whereNoneOrSeveralAreMeantThoseThatRunAreTold() {
        assertThat(choice("edge-9", ONE, TWO))
                .isEqualTo(new DrainChoice.NoSuchEdge("no edge edge-9 runs; these edges run:"
                        + " edge-1-aa (7 connections, ok), edge-2-bb (7 connections, degraded)"));
        assertThat(choice("edge-", ONE, TWO)).isInstanceOfSatisfying(DrainChoice.NoSuchEdge.class,
                none -> assertThat(none.message())
                        .startsWith("the ids of several edges begin with edge-: edge-1-aa ("));
    }

    @Test
    void anEdgeThatHasEndedIsNone() {
        assertThat(choice("edge-1", heard("edge-1-aa", "ok", 6), TWO)).isInstanceOf(DrainChoice.NoSuchEdge.class);
        assertThat(choice("edge-1")).isEqualTo(new DrainChoice.NoSuchEdge(
                "no edge runs: none sent a heartbeat in the last 5 s; see `infra/rejoinctl edges --all`"));
    }

    @Test
    void theLastThatIsReadyIsDrainedOnlyByForce() {
        var drained = heard("edge-2-bb", "drained", 0);
        assertThat(choice("edge-1", ONE, drained)).isInstanceOfSatisfying(DrainChoice.Refused.class,
                refused -> assertThat(refused.message()).contains("the last ready edge", "--force"));
        assertThat(DrainChoice.of(new Heartbeats(Stream.of(ONE, drained).toList(), NOW), "edge-1", false, true))
                .isInstanceOf(DrainChoice.Edge.class);
    }

    @Test
    void oneThatIsDrainedAlreadyMayBeAgainAndMayServeAgain() {
        var drained = heard("edge-2-bb", "drained", 0);
        assertThat(choice("edge-2", ONE, drained)).isInstanceOf(DrainChoice.Edge.class);
        assertThat(choice("edge-2", drained)).isInstanceOf(DrainChoice.Edge.class);
        assertThat(DrainChoice.of(new Heartbeats(Stream.of(drained).toList(), NOW), "edge-2", true, false))
                .isInstanceOf(DrainChoice.Edge.class);
    }

    /** The edge serves already, so the order does no harm. */
    @Test
    void theLastThatIsReadyMayBeToldToServe() {
        assertThat(DrainChoice.of(new Heartbeats(List.of(ONE), NOW), "edge-1", true, false))
                .isEqualTo(new DrainChoice.Edge(ONE.heartbeat()));
    }

    @Test
    void anEdgeOfAnEarlierVersionIsReadyButCannotBeDrained() {
        var earlier = heard("edge-2-bb", null, 0);
        assertThat(choice("edge-2", ONE, earlier)).isInstanceOfSatisfying(DrainChoice.Refused.class,
                refused -> assertThat(refused.message()).contains("SIGTERM"));
        assertThat(choice("edge-1", ONE, earlier)).isInstanceOf(DrainChoice.Edge.class);
    }

    @Test
    void oneThatIsBeingStoppedIsLeftAlone() {
        assertThat(choice("edge-2", ONE, heard("edge-2-bb", "draining", 0)))
                .isInstanceOfSatisfying(DrainChoice.Refused.class,
                        refused -> assertThat(refused.message()).contains("stopped"));
    }
}
