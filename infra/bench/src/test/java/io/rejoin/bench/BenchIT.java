package io.rejoin.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.bench.report.Json;
import io.rejoin.bench.report.Machine;
import io.rejoin.bench.report.Results;
import io.rejoin.bench.report.Table;
import io.rejoin.bench.scenario.Pace;
import io.rejoin.bench.scenario.PopulationSize;
import io.rejoin.bench.scenario.Steady;
import io.rejoin.bench.system.Candidates;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A short end-to-end run: all servers, the generator, the CPU time, the broker's counters and the table. */
class BenchIT {
    private static final Pace SHORT = new Pace(0.5, 0.5, 0, 2, 1, 0.1);

    @Test
    void rejoinDeliversAllAndWhatItTookIsTold() throws Exception {
        var rejoin = Candidates.named("rejoin-1-edge");
        var few = new Steady("few", new PopulationSize(5, 4), 50);
        var results = new Results(List.of(rejoin), List.of(few));

        new Rounds(results, SHORT, () -> {}).run(1);

        assertThat(results.failure(few, rejoin)).isEmpty();
        var figures = results.median(few, rejoin).orElseThrow();
        assertThat(List.of(figures.get("lost"), figures.get("doubled"), figures.get("out of order"),
                figures.get("foreign"), figures.get("unanswered"))).containsOnly(0.0);
        assertThat(figures.get("deliveries /s")).isBetween(199.0, 201.0);
        assertThat(figures.get("cpu µs/delivery")).isPositive();
        assertThat(figures.parts("cpu", "µs/delivery")).containsExactly("edge", "history", "kafka", "postgres",
                "router");
        assertThat(figures.get("requests Produce /s")).isPositive();
        assertThat(figures.get("requests Fetch /s")).isPositive();
        assertThat(Table.of(results)).contains("**few**", "| rejoin-1-edge |", "0 / 0 / 0");
        assertThat(Json.of(results, Machine.here(Instant.EPOCH))).contains("\"cpu kafka µs/delivery\"",
                "\"processors\"");
    }
}
