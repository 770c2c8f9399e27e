package io.rejoin.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.bench.scenario.Figures;
import io.rejoin.bench.scenario.Scenarios;
import io.rejoin.bench.system.Candidates;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private final Results results = new Results(List.of(Candidates.named("rejoin"), Candidates.named("rejoin-1-edge")),
            List.of(Scenarios.named("nobody")));

    @Test
    void aRowHasTheMediansAndASystemWithoutFiguresADash() {
        results.add(Scenarios.named("nobody"), Candidates.named("rejoin"),
                new Figures().put("cores", 0.1512).put("rss MiB, at first", 987.6).put("rss MiB", 1234.4));

        assertThat(Table.of(results)).containsPattern("\\| rejoin +\\| 0.15 +\\| 988 +\\| 1,234 +\\| – +\\|")
                .containsPattern("\\| rejoin-1-edge +\\| – +\\| – +\\| – +\\| – +\\|");
    }

    @Test
    void whatWentWrongStandsBelow() {
        results.failed(Scenarios.named("nobody"), Candidates.named("rejoin"), "the edge is not well");
        results.add(Scenarios.named("nobody"), Candidates.named("rejoin"),
                new Figures().put("unanswered", 3).put("unsent", 0).put("odd: closed with 1013", 2));

        assertThat(Table.of(results)).contains("- rejoin failed: the edge is not well", "- rejoin: unanswered 3",
                "- rejoin: odd: closed with 1013 2").doesNotContain("unsent");
    }

    @Test
    void numbersHaveThreeDigitsThatCount() {
        assertThat(List.of(Table.number(1234567.8), Table.number(123.4), Table.number(12.34), Table.number(1.234),
                Table.number(0.0123), Table.number(7), Table.number(Double.NaN)))
                .containsExactly("1,234,568", "123", "12.3", "1.23", "0.01", "7", "–");
    }
}
