package io.rejoin.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the simulation briefly, in every build. {@code infra/simulate} makes long runs. */
class SimulationTest {
    private static final int STEPS = 5_000;
    private static final int SEEDS_AT_ONCE = 15;

    @ParameterizedTest
    @ValueSource(longs = {1, 16, 31, 46})
    void whateverFailsThePromisesHold(long from) {
        for (var seed = from; seed < from + SEEDS_AT_ONCE; seed++) {
            assertThat(Simulation.run(seed, STEPS, Bug.NONE, 0).violation())
                    .as("infra/simulate --from %d --seeds 1 --steps %d",
                            seed, STEPS)
                    .isNull();
        }
    }

    @Test
    void aSeedRunsTheSameWayAgainTracedOrNot() {
        var first = Simulation.run(7, STEPS, Bug.NONE, 1_000);
        var again = Simulation.run(7, STEPS, Bug.NONE, 1_000);

        assertThat(again).isEqualTo(first);
        assertThat(Simulation.run(7, STEPS, Bug.NONE, 0).steps()).isEqualTo(first.steps());
    }
}
