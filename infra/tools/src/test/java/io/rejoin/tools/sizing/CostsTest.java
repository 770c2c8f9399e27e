package io.rejoin.tools.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CostsTest {
    @Test
    void eachKnownCostSaysWhereItComesFrom() {
        assertThat(Costs.known().all()).isNotEmpty().allSatisfy(cost -> {
            assertThat(cost.what()).isNotBlank();
            if (cost.assumed() != null) assertThat(cost.assumed()).hasSizeGreaterThan(20);
            else
                assertThat(cost.measured()).isNotNull().satisfies(measured -> {
                    assertThat(measured.on()).contains("2026", "cores");
                    assertThat(cost.value()).isEqualTo(Costs.rounded(Measured.median(measured.values())));
                });
        });
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        assertThat(Costs.read(Costs.known().json()).all()).isEqualTo(Costs.known().all());
    }

    @Test
    void theMedianOfRunsTakesThePlaceOfWhatStoodThere() {
        var known = new Costs(List.of(cost("a", 1), cost("b", 2)));
        var merged = known.with(List.of(new Costs(List.of(cost("a", 10))), new Costs(List.of(cost("a", 30))),
                new Costs(List.of(cost("a", 11)))));
        assertThat(merged.get("a").value()).isEqualTo(11);
        assertThat(merged.get("a").measured()).isEqualTo(new Measured("today", "do it", List.of(10.0, 30.0, 11.0)));
        assertThat(merged.get("b")).isEqualTo(cost("b", 2));
    }

    @Test
    void ofTwoRunsTheMedianIsBetween() {
        assertThat(Measured.median(List.of(1.0, 4.0))).isEqualTo(2.5);
    }

    @Test
    void whatNobodyCountsWithIsNotMeasuredInVain() {
        var run = new Costs(List.of(cost("misspelt", 1)));
        assertThatThrownBy(() -> Costs.known().with(List.of(run))).hasMessageContaining("misspelt");
    }

    @Test
    void costsThatAreNoneAreRefused() {
        assertThatThrownBy(() -> Costs.read("[{]")).hasMessageContaining("not a list of unit costs");
        assertThatThrownBy(() -> new Costs(List.of(cost("a", 1), cost("a", 2)))).hasMessageContaining("twice");
        assertThatThrownBy(() -> new Cost("a", 1, "µs", "work", null, null))
                .hasMessageContaining("measured or assumed");
        assertThatThrownBy(() -> cost("a", -1)).hasMessageContaining("a is -1");
        assertThatThrownBy(() -> Costs.known().get("a")).hasMessageContaining("no unit cost a");
    }

    private static Cost cost(String name, double value) {
        return new Cost(name, value, "µs", "work", new Measured("today", "do it", List.of(value)), null);
    }
}
