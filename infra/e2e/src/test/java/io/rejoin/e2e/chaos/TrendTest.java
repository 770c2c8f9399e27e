package io.rejoin.e2e.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.e2e.chaos.Trend.Point;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {
    @Test
    void whatWarmsUpAndThenSwaysIsFlat() {
        assertThat(trend(second -> second < 100 ? 50 + second : 150 + 5 * Math.sin(second)).isFlat()).isTrue();
    }

    @Test
    void whatLeaksRises() {
        var leak = trend(second -> 100 + 0.2 * second + 5 * Math.sin(second));
        assertThat(leak.isFlat()).isFalse();
        assertThat(leak.growth()).isBetween(55.0, 65.0);
    }

    @Test
    void aSinglePointIsFlat() {
        assertThat(Trend.of("x threads", List.of(new Point(0, 7))).isFlat()).isTrue();
    }

    @Test
    void whatIsAliveInAHeapIsReadFromItsHistogram() {
        assertThat(LiveHeap.total(List.of("4711:", " num     #instances         #bytes  class name (module)",
                "   1:         74374       28423584  [B (java.base@25)", "Total        300000       52428800")))
                .hasValue(50);
        assertThat(LiveHeap.total(List.of("4711:", "Operation not permitted"))).isEmpty();
    }

    private static Trend trend(DoubleUnaryOperator value) {
        return Trend.of("x memory MiB", IntStream.range(0, 600)
                .mapToObj(second -> new Point(second, value.applyAsDouble(second))).toList());
    }
}
