package io.rejoin.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RedeliveryScheduleTest {
    private static final RedeliverySchedule SCHEDULE = new RedeliverySchedule(Duration.ofSeconds(5));
    private static final long POSTED = 1_000;

    @Test
    void theWaitsDoubleUpToTheMaximum() {
        var hour = Duration.ofHours(1).toMillis();
        var seconds = LongStream.range(0, hour / 1_000)
                .filter(s -> SCHEDULE.isDue(POSTED, POSTED + s * 1_000 - 1_000, POSTED + s * 1_000));

        assertThat(seconds).containsExactly(5L, 15L, 35L, 75L, 155L, 315L, 635L, 1_235L, 1_835L, 2_435L, 3_035L);
    }

    @Test
    void theLengthOfTheSpansDoesNotMatter() {
        for (long width : new long[]{1, 7, 333, 1_000, 4_999}) {
            var due = LongStream.iterate(POSTED, from -> from < POSTED + 100_000, from -> from + width)
                    .filter(from -> SCHEDULE.isDue(POSTED, from, from + width)).count();
            assertThat(due).as("spans of %d ms", width).isEqualTo(4); // 5, 15, 35, 75 s
        }
    }

    @Test
    void aRedeliveryIsStillDueAfterAMonth() {
        var month = Duration.ofDays(30).toMillis();

        assertThat(SCHEDULE.isDue(POSTED, POSTED + month, POSTED + month + RedeliverySchedule.MAX_WAIT.toMillis()))
                .isTrue();
        assertThat(SCHEDULE.isDue(POSTED, POSTED, POSTED + 4_999)).isFalse();
    }

    @Test
    void anExpiryIsRepeatedUntilItIsReadBack() {
        var appendedAt = LongStream.range(0, 60)
                .filter(s -> RedeliverySchedule.isExpiryDue(7_000, s * 1_000 - 1_000, s * 1_000));

        assertThat(appendedAt).containsExactly(7L, 17L, 27L, 37L, 47L, 57L);
    }
}
