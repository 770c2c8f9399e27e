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
    void whoComesFirstWaitsForNobody() {
        assertThat(pace.left(true, 0)).isNotPositive();
        assertThat(pace.left(false, 0)).isNotPositive();
    }

    @ParameterizedTest
    @CsvSource({"100, 4, 15", "1_000, 4, 15", "2_000, 8, 15", "4_500, 18, 18", "5_000, 20, 20", "50_000, 20, 20"})
    void theMoreComesTheFurtherApartItIsGiven(int perSecond, long posts, long others) {
        runFor(1_000, perSecond);

        assertThat(pace.left(true, now)).isCloseTo(posts * MILLI, within(MILLI / 10));
        assertThat(pace.left(false, now)).isCloseTo(others * MILLI, within(MILLI / 10));
    }

    @Test
    void oneBurstMakesLittleDifference() {
        runFor(1_000, 100);
        now += 4 * MILLI;
        pace.gave(50, now);

        assertThat(pace.left(true, now)).isLessThan(5 * MILLI);
    }

    @Test
    void afterAPauseItIsShortAgain() {
        runFor(1_000, 50_000);
        assertThat(pace.left(true, now)).isEqualTo(20 * MILLI);

        now += 1_000 * MILLI;
        assertThat(pace.left(true, now)).isNotPositive();
        pace.gave(1, now);

        assertThat(pace.left(true, now)).isEqualTo(4 * MILLI);
    }

    /** Gives the producer a batch every ten milliseconds. */
    private void runFor(int millis, int perSecond) {
        for (var n = 0; n < millis / 10; n++) {
            now += 10 * MILLI;
            pace.gave(perSecond / 100, now);
        }
    }
}
