package io.rejoin.bench.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void theMedianIsThatOfEachFigureByItself() {
        var median = Figures.median(List.of(new Figures().put("a", 1.0).put("b", 30.0),
                new Figures().put("a", 3.0).put("b", 10.0), new Figures().put("a", 2.0).put("b", 20.0)));

        assertThat(median.values()).containsExactly(java.util.Map.entry("a", 2.0), java.util.Map.entry("b", 20.0));
    }

    @Test
    void ofAnEvenNumberItIsTheMiddleOfTheTwoInside() {
        var median = Figures.median(List.of(new Figures().put("a", 1.0), new Figures().put("a", 8.0),
                new Figures().put("a", 2.0), new Figures().put("a", 4.0)));

        assertThat(median.get("a")).isEqualTo(3.0);
    }

    @Test
    void aFigureThatSomeRunsLackIsThatOfTheOthers() {
        var median = Figures.median(List.of(new Figures().put("a", 1.0), new Figures().put("a", 2.0).put("b", 5.0)));

        assertThat(median.get("b")).isEqualTo(5.0);
        assertThat(median.get("c")).isNaN();
    }

    @Test
    void partsAreNamedBetweenKindAndUnit() {
        var figures = new Figures().put("cpu µs/delivery", 3.0).put("cpu edge µs/delivery", 2.0)
                .put("cpu kafka µs/delivery", 1.0).put("rss edge MiB", 9.0);

        assertThat(figures.parts("cpu", "µs/delivery")).containsExactly("edge", "kafka");
    }
}
