package io.rejoin.edge.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CoverageTest {
    private static final Duration BRIEF = Duration.ofSeconds(1);

    private long now = -5; // nanoTime may be negative
    private final Coverage coverage = new Coverage(3, () -> now);

    @Test
    void nothingIsCoveredBeforeStreamsBegin() {
        assertThat(coverage.uncovered()).isEqualTo(3);
        coverage.begins(0, "a");
        coverage.begins(2, "b");
        assertThat(coverage.uncovered()).isEqualTo(1);
        coverage.begins(1, "b");
        assertThat(coverage.uncovered()).isZero();
    }

    @Test
    void withAStreamItsShardsEnd() {
        beginAll("a");
        coverage.begins(1, "b");
        coverage.ended("a", now);
        assertThat(coverage.uncovered()).isEqualTo(2);
        coverage.ended("a", now);
        coverage.ended("c", now);
        assertThat(coverage.uncovered()).isEqualTo(2);
    }

    @Test
    void aShardEndsWhileItsStreamGoesOnUnlessAnotherBringsItByNow() {
        beginAll("a");
        coverage.begins(1, "b");
        coverage.ends(0, "a");
        coverage.ends(1, "a");
        coverage.ends(7, "a");
        assertThat(coverage.uncovered()).isEqualTo(1);
        pass(Coverage.DARK.plus(BRIEF));
        assertThat(coverage.begins(0, "b")).isTrue();
    }

    @Test
    void theRouterOfAShardIsWhoBeganToBringItLastAndStillDoes() {
        assertThat(coverage.router(0)).isNull();
        beginAll("a");
        coverage.begins(1, "b");
        assertThat(coverage.router(0)).isEqualTo("a");
        assertThat(coverage.router(1)).isEqualTo("b");
        coverage.ends(1, "a");
        assertThat(coverage.router(1)).isEqualTo("b");
        coverage.ended("b", now);
        assertThat(coverage.router(1)).isNull();
        coverage.ended("a", now);
        assertThat(coverage.router(0)).isNull();
        assertThat(coverage.router(-1)).isNull();
        assertThat(coverage.router(3)).isNull();
    }

    /** After a long pause, a router sends deliveries of a shard that it has lost, until it learns of the loss. */
    @Test
    void whereTheLatestEndsAnotherOneHasTheShard() {
        beginAll("b");
        coverage.begins(1, "a");
        coverage.ends(1, "a");

        assertThat(coverage.router(1)).isEqualTo("b");
    }

    @Test
    void anIncarnationThatIsNewWasNotInTheDark() {
        pass(Coverage.DARK.plus(BRIEF));
        assertThat(coverage.begins(0, "a")).isTrue();
        coverage.renewed();
        assertThat(coverage.begins(1, "a")).isFalse();
    }

    /** After a long pause, a router sends deliveries of a shard that another router has taken over. */
    @Test
    void aShardIsCoveredAsLongAsAnyStreamBringsIt() {
        beginAll("a");
        coverage.begins(1, "b");
        coverage.ends(1, "a");
        assertThat(coverage.uncovered()).isZero();
        coverage.begins(1, "a");
        coverage.ended("b", now);
        assertThat(coverage.uncovered()).isZero();
        coverage.ends(1, "a");
        assertThat(coverage.uncovered()).isEqualTo(1);
    }

    @Test
    void aShardWithoutAStreamForLongWasDark() {
        beginAll("a");
        coverage.ended("a", now);
        pass(Coverage.DARK);
        assertThat(coverage.begins(0, "a")).isFalse();
        pass(BRIEF);
        assertThat(coverage.begins(1, "b")).isTrue();
        assertThat(coverage.begins(1, "a")).isFalse(); // "b" brings the shard by now
    }

    /** The stream may have been silent for long before the edge noticed that it is broken. */
    @Test
    void darknessBeginsWithWhatWasHeardLast() {
        beginAll("a");
        var heardAt = now;
        pass(Coverage.DARK.plus(BRIEF));
        coverage.ended("a", heardAt);

        assertThat(coverage.begins(0, "a")).isTrue();
    }

    @Test
    void aShardIsNotDarkWhileItsStreamLasts() {
        beginAll("a");
        pass(Coverage.DARK.multipliedBy(10));

        assertThat(coverage.begins(0, "b")).isFalse();
        assertThat(coverage.begins(1, "a")).isFalse();
    }

    @Test
    void anEdgeThatWaitedLongForItsFirstStreamWasInTheDark() {
        pass(Coverage.DARK.plus(BRIEF));

        assertThat(coverage.begins(0, "a")).isTrue();
    }

    @Test
    void aShardThatIsNotKnownHereChangesNothing() {
        assertThat(coverage.begins(3, "a")).isFalse();
        assertThat(coverage.begins(-1, "a")).isFalse();
        assertThat(coverage.uncovered()).isEqualTo(3);
    }

    private void beginAll(String router) {
        for (var shard = 0; shard < 3; shard++) coverage.begins(shard, router);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }
}
