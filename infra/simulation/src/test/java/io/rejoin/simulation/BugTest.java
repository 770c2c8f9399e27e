package io.rejoin.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks that the simulation finds each deliberate bug within a number of seeds. */
class BugTest {
    private static final int STEPS = 3_000;

    @ParameterizedTest
    @CsvSource({"CHECKPOINT_AHEAD_OF_ACKNOWLEDGEMENTS, 8, a gap in",
            "DUPLICATE_WINDOW_LOST, 8, should be",
            "LOST_EDGE_KEEPS_MEMBERS, 12, the events say",
            "GOES_ON_AFTER_FAILED_PRODUCE, 8, a gap in",
            "EDGE_WITHOUT_DROP_RULE, 20, presence", "TAKES_WHAT_IS_TOLD_OUT_OF_ORDER, 8, ''",
            "EDGE_IGNORES_WHERE_STREAMS_BEGIN, 60, ''", "CHAINS_LOST, 160, ''",
            "POSITION_APART_FROM_ROWS, 12, history has a gap",
            "NO_FENCING, 40, ''",
            "DIGESTS_LOST, 20, should be", "MEMBERS_LOST, 8, ''", "CURSORS_LOST, 8, ''", "CONFIRMATIONS_LOST, 8, ''",
            "EPOCHS_LOST, 8, should be", "FORGETS_MEMBERS, 80, a new epoch",
            "FORGETS_UNCONFIRMED, 40, a new epoch"})
    void itIsNoticed(Bug bug, int seeds, String how) {
        assertThat(LongStream.rangeClosed(1, seeds).mapToObj(seed -> Simulation.run(seed, STEPS, bug, 0).violation()))
                .as(bug + " within " + seeds + " seeds").anySatisfy(violation -> assertThat(violation).contains(how));
    }
}
