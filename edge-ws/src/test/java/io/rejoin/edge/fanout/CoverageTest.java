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
        assertThat(coverage.uncoveredShards()).isEqualTo(3);
        coverage.addStream(0, "a");
        coverage.addStream(2, "b");
        assertThat(coverage.uncoveredShards()).isEqualTo(1);
        coverage.addStream(1, "b");
        assertThat(coverage.uncoveredShards()).isZero();
    }

    @Test
    void theEndOfAStreamUncoversItsShards() {
        addAllShards("a");
        coverage.addStream(1, "b");
        coverage.removeStreams("a", now);
        assertThat(coverage.uncoveredShards()).isEqualTo(2);
        coverage.removeStreams("a", now);
        coverage.removeStreams("c", now);
        assertThat(coverage.uncoveredShards()).isEqualTo(2);
    }

    @Test
    void aShardThatAStreamEndsIsUncoveredUnlessAnotherStreamBringsIt() {
        addAllShards("a");
        coverage.addStream(1, "b");
        coverage.removeStream(0, "a");
        coverage.removeStream(1, "a");
        coverage.removeStream(7, "a");
        assertThat(coverage.uncoveredShards()).isEqualTo(1);
        advanceTime(Coverage.RENEW_AFTER.plus(BRIEF));
        assertThat(coverage.addStream(0, "b")).isTrue();
    }

    @Test
    void theRouterOfAShardIsTheLatestOneThatStillBringsIt() {
        assertThat(coverage.routerOf(0)).isNull();
        addAllShards("a");
        coverage.addStream(1, "b");
        assertThat(coverage.routerOf(0)).isEqualTo("a");
        assertThat(coverage.routerOf(1)).isEqualTo("b");
        coverage.removeStream(1, "a");
        assertThat(coverage.routerOf(1)).isEqualTo("b");
        coverage.removeStreams("b", now);
        assertThat(coverage.routerOf(1)).isNull();
        coverage.removeStreams("a", now);
        assertThat(coverage.routerOf(0)).isNull();
        assertThat(coverage.routerOf(-1)).isNull();
        assertThat(coverage.routerOf(3)).isNull();
    }

    /** After a long pause, a router sends deliveries of a shard that it has lost, until it learns of the loss. */
    @Test
    void whenTheLatestStreamEndsAnotherRouterHasTheShard() {
        addAllShards("b");
        coverage.addStream(1, "a");
        coverage.removeStream(1, "a");

        assertThat(coverage.routerOf(1)).isEqualTo("b");
    }

    @Test
    void aNewIncarnationRestartsTheUncoveredTime() {
        advanceTime(Coverage.RENEW_AFTER.plus(BRIEF));
        assertThat(coverage.addStream(0, "a")).isTrue();
        coverage.restartTimes();
        assertThat(coverage.addStream(1, "a")).isFalse();
    }

    /** After a long pause, a router sends deliveries of a shard that another router has taken over. */
    @Test
    void aShardIsCoveredAsLongAsAnyStreamBringsIt() {
        addAllShards("a");
        coverage.addStream(1, "b");
        coverage.removeStream(1, "a");
        assertThat(coverage.uncoveredShards()).isZero();
        coverage.addStream(1, "a");
        coverage.removeStreams("b", now);
        assertThat(coverage.uncoveredShards()).isZero();
        coverage.removeStream(1, "a");
        assertThat(coverage.uncoveredShards()).isEqualTo(1);
    }

    @Test
    void aShardWithoutAStreamForLongIsReported() {
        addAllShards("a");
        coverage.removeStreams("a", now);
        advanceTime(Coverage.RENEW_AFTER);
        assertThat(coverage.addStream(0, "a")).isFalse();
        advanceTime(BRIEF);
        assertThat(coverage.addStream(1, "b")).isTrue();
        assertThat(coverage.addStream(1, "a")).isFalse(); // "b" brings the shard by now
    }

    /** The stream may have been silent for long before the edge noticed that it is broken. */
    @Test
    void theUncoveredTimeBeginsWithTheLastFrame() {
        addAllShards("a");
        var lastFrameAt = now;
        advanceTime(Coverage.RENEW_AFTER.plus(BRIEF));
        coverage.removeStreams("a", lastFrameAt);

        assertThat(coverage.addStream(0, "a")).isTrue();
    }

    @Test
    void aCoveredShardIsNeverReported() {
        addAllShards("a");
        advanceTime(Coverage.RENEW_AFTER.multipliedBy(10));

        assertThat(coverage.addStream(0, "b")).isFalse();
        assertThat(coverage.addStream(1, "a")).isFalse();
    }

    @Test
    void aLongWaitForTheFirstStreamIsReported() {
        advanceTime(Coverage.RENEW_AFTER.plus(BRIEF));

        assertThat(coverage.addStream(0, "a")).isTrue();
    }

    @Test
    void anUnknownShardChangesNothing() {
        assertThat(coverage.addStream(3, "a")).isFalse();
        assertThat(coverage.addStream(-1, "a")).isFalse();
        assertThat(coverage.uncoveredShards()).isEqualTo(3);
    }

    private void addAllShards(String router) {
        for (var shard = 0; shard < 3; shard++) coverage.addStream(shard, router);
    }

    private void advanceTime(Duration time) {
        now += time.toNanos();
    }
}
