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
        var heap = LiveHeap.read(List.of("4711:", " num     #instances         #bytes  class name (module)",
                "   1:         74374       28423584  [B (java.base@25)",
                "   3:          1000          40000  io.rejoin.router.core.StateEntry$Post",
                "   4:           100           2400  io.rejoin.router.core.StateEntry$PostScript",
                "Total        300000       52428800")).orElseThrow();

        assertThat(heap.mib()).isEqualTo(50);
        assertThat(heap.posts()).isEqualTo(1000);
        assertThat(heap.mibWithoutPosts()).isBetween(49.8, 49.9);
        assertThat(LiveHeap.read(List.of("4711:", "Operation not permitted"))).isEmpty();
    }

    private static Trend trend(DoubleUnaryOperator value) {
        return Trend.of("x memory MiB", IntStream.range(0, 600)
                .mapToObj(second -> new Point(second, value.applyAsDouble(second))).toList());
    }
}
