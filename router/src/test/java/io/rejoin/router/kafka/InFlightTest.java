package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InFlightTest {
    private static final long MB = 1024 * 1024;

    @ParameterizedTest
    @CsvSource({"64, 12", "128, 0", "128, 1", "128, 12", "128, 1000", "4096, 12"})
    void allShardsTakeAnEighthOfTheHeapAtMostAndEachSomeMegabytes(long heap, long shards) {
        var inFlight = new InFlight(heap * MB);
        inFlight.share((int) shards);
        assertThat(inFlight.each()).isBetween(1L, 8 * MB);
        assertThat(2 * shards * inFlight.each()).isLessThanOrEqualTo(heap * MB / 8);
    }
}
