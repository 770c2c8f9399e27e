package io.rejoin.edge.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppendPaceTest {
    private static final long MILLI = 1_000_000;

    private final AppendPace pace = new AppendPace(0);
    private long now;

    @Test
    void theFirstBatchDoesNotWait() {
        assertThat(pace.nanosUntilNext(true, 0)).isNotPositive();
        assertThat(pace.nanosUntilNext(false, 0)).isNotPositive();
    }

    @ParameterizedTest
    @CsvSource({"100, 4, 15", "1_000, 4, 15", "2_000, 8, 15", "4_500, 18, 18", "5_000, 20, 20", "50_000, 20, 20"})
    void theIntervalGrowsWithTheRate(int perSecond, long posts, long others) {
        runFor(1_000, perSecond);

        assertThat(pace.nanosUntilNext(true, now)).isCloseTo(posts * MILLI, within(MILLI / 10));
        assertThat(pace.nanosUntilNext(false, now)).isCloseTo(others * MILLI, within(MILLI / 10));
    }

    @Test
    void oneBurstMakesLittleDifference() {
        runFor(1_000, 100);
        now += 4 * MILLI;
        pace.recordBatch(50, now);

        assertThat(pace.nanosUntilNext(true, now)).isLessThan(5 * MILLI);
    }

    @Test
    void afterAPauseTheIntervalIsShortAgain() {
        runFor(1_000, 50_000);
        assertThat(pace.nanosUntilNext(true, now)).isEqualTo(20 * MILLI);

        now += 1_000 * MILLI;
        assertThat(pace.nanosUntilNext(true, now)).isNotPositive();
        pace.recordBatch(1, now);

        assertThat(pace.nanosUntilNext(true, now)).isEqualTo(4 * MILLI);
    }

    /** Gives the producer a batch every ten milliseconds. */
    private void runFor(int millis, int perSecond) {
        for (var n = 0; n < millis / 10; n++) {
            now += 10 * MILLI;
            pace.recordBatch(perSecond / 100, now);
        }
    }
}
