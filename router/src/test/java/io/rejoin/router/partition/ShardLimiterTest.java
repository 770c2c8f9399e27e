package io.rejoin.router.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.router.kafka.SheddingAssignor;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ShardLimiterTest {
    private static final Duration PAST_MIN_SHORT_TIME = ShardLimiter.MIN_SHORT_TIME.plusSeconds(1);

    private double usedShare;
    private long concurrentCollections;
    private long fullCollections;
    private long now;
    private final ShardLimiter limiter = new ShardLimiter(
            () -> new ShardLimiter.Reading(usedShare, concurrentCollections, fullCollections));

    @Test
    void withEnoughMemoryThereIsNoLimit() {
        usedShare = 0.84;
        assertThat(update(3, Duration.ofHours(1))).isFalse();
        assertThat(limiter.limit()).isEqualTo(SheddingAssignor.NO_LIMIT);
        assertThat(limiter.memoryProblem()).isNull();
    }

    @Test
    void aShortPeakChangesNothing() {
        for (var n = 0; n < 20; n++) {
            usedShare = n % 2 == 0 ? 0.9 : 0.8;
            assertThat(update(3, Duration.ofSeconds(4))).isFalse();
        }
    }

    @Test
    void shardsAreGivenUpOneByOneAndOnlyOnceTheLastEffectIsKnown() {
        becomeShort();
        assertThat(update(5, PAST_MIN_SHORT_TIME)).isTrue();
        assertThat(limiter.limit()).isEqualTo(4);
        assertThat(limiter.memoryProblem()).contains("90%", "5 shards", "-Xmx");
        concurrentCollections += 100; // collections before or just at the time that the shard leaves are no evidence
        assertThat(update(5, PAST_MIN_SHORT_TIME)).isFalse();
        assertThat(update(4, ShardLimiter.EFFECT_DELAY)).as("no collection since").isFalse();
        concurrentCollections++;
        assertThat(update(4, ShardLimiter.EFFECT_DELAY)).as("that one may have begun before").isFalse();
        concurrentCollections++;
        assertThat(update(4, PAST_MIN_SHORT_TIME)).isTrue();
        assertThat(limiter.limit()).isEqualTo(3);
        usedShare = 0.8;
        assertThat(update(3, Duration.ofHours(9))).isFalse();
        assertThat(limiter.limit()).as("neither short nor plenty").isEqualTo(3);
    }

    @Test
    void manyCollectionsInAShortTimeDoNotShowTheEffect() {
        becomeShort();
        assertThat(update(5, PAST_MIN_SHORT_TIME)).isTrue();
        for (var n = 0; n < 5; n++) {
            concurrentCollections += 10;
            assertThat(update(4, ShardLimiter.EFFECT_DELAY.dividedBy(6))).isFalse();
        }
        assertThat(update(4, ShardLimiter.EFFECT_DELAY)).isTrue();
    }

    @Test
    void fullCollectionsShowTheEffectAtOnce() {
        becomeShort();
        assertThat(update(5, PAST_MIN_SHORT_TIME)).isTrue();
        fullCollections += 100;
        assertThat(update(4, PAST_MIN_SHORT_TIME)).as("the shard was just leaving").isFalse();
        fullCollections++;
        assertThat(update(4, PAST_MIN_SHORT_TIME)).isFalse();
        fullCollections++;
        assertThat(update(4, PAST_MIN_SHORT_TIME)).isTrue();
    }

    @Test
    void theProblemEndsWithTheShortage() {
        becomeShort();
        assertThat(update(5, PAST_MIN_SHORT_TIME)).isTrue();
        assertThat(limiter.memoryProblem()).isNotNull();
        usedShare = 0.8;
        assertThat(update(4, PAST_MIN_SHORT_TIME)).isFalse();
        assertThat(limiter.memoryProblem()).isNull();
        assertThat(limiter.limit()).isEqualTo(4);
    }

    @Test
    void withoutAnotherRouterTheLimitIsLoweredOnceAndTheProblemNamesARemedy() {
        becomeShort();
        assertThat(update(5, PAST_MIN_SHORT_TIME)).isTrue();
        for (var n = 0; n < 100; n++) {
            concurrentCollections++;
            assertThat(update(5, PAST_MIN_SHORT_TIME)).isFalse();
        }
        assertThat(limiter.limit()).isEqualTo(4);
        assertThat(limiter.memoryProblem()).contains("no other router has room", "add routers");
    }

    @Test
    void theLimitIsRemovedAfterTheRecoveryTimeWhichDoubles() {
        becomeShort();
        assertThat(update(5, PAST_MIN_SHORT_TIME)).isTrue();
        usedShare = 0.5;
        assertThat(update(4, ShardLimiter.FIRST_RECOVERY_TIME.minusSeconds(1))).isFalse();
        assertThat(update(4, Duration.ofSeconds(2))).isTrue();
        assertThat(limiter.limit()).isEqualTo(SheddingAssignor.NO_LIMIT);
        assertThat(limiter.memoryProblem()).isNull();
        concurrentCollections += 5;
        usedShare = 0.9;
        assertThat(update(5, Duration.ZERO)).isFalse();
        assertThat(update(5, PAST_MIN_SHORT_TIME)).isTrue();
        usedShare = 0.5;
        assertThat(update(4, ShardLimiter.FIRST_RECOVERY_TIME.plusMinutes(1))).isFalse();
        assertThat(update(4, ShardLimiter.FIRST_RECOVERY_TIME)).isTrue();
    }

    @Test
    void theHeapOfThisProcessCanBeRead() {
        assertThat(new ShardLimiter().update(1, 0)).isFalse();
    }

    private void becomeShort() {
        usedShare = 0.9;
        concurrentCollections++;
        assertThat(update(5, Duration.ZERO)).isFalse();
    }

    /** Looks at once, and again after this time. */
    private boolean update(int shards, Duration later) {
        if (limiter.update(shards, now)) return true;
        now += later.toNanos();
        return limiter.update(shards, now);
    }
}
