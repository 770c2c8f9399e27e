package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InFlightLimitsTest {
    private static final long MB = 1024 * 1024;

    @ParameterizedTest
    @CsvSource({"64, 12", "128, 0", "128, 1", "128, 12", "128, 1000", "4096, 12"})
    void theLimitsOfAllShardsAreAnEighthOfTheHeapAndEachHasAMaximum(long heapMb, long shards) {
        var inFlightLimits = new InFlightLimits(heapMb * MB);
        inFlightLimits.divideAmong((int) shards);
        assertThat(inFlightLimits.bytesPerShard()).isBetween(1L, 8 * MB);
        assertThat(2 * shards * inFlightLimits.bytesPerShard()).isLessThanOrEqualTo(heapMb * MB / 8);
    }
}
