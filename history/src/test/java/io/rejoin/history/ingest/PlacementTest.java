package io.rejoin.history.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Source;
import io.rejoin.history.store.Position;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static final Source LAST = new Source(3, 70, 0);

    private static Position stored(long next) {
        return new Position("topic", 3, next, LAST);
    }

    private static Placement.Log log(long begin, long end) {
        return new Placement.Log("topic", 3, begin, end);
    }

    @Test
    void aKnownPositionIsResumed() {
        for (var next : new long[]{10, 15, 20}) {
            assertThat(Placement.of(stored(next), log(10, 20))).isEqualTo(new Placement.Resume(stored(next)));
        }
    }

    @Test
    void aNewPartitionIsReadFromItsBeginning() {
        assertThat(Placement.of(null, log(10, 20)))
                .isEqualTo(new Placement.Begin(new Position("topic", 3, 10, null)));
    }

    @Test
    void whatRetentionDeletedIsSkippedAndTheLastSourceStays() {
        assertThat(Placement.of(stored(4), log(10, 20))).isEqualTo(new Placement.Skip(stored(4), stored(10)));
    }

    @Test
    void aLogThatEndsBeforeThePositionIsReadAgainAndItsSourcesCountAnew() {
        assertThat(Placement.of(stored(21), log(0, 20)))
                .isEqualTo(new Placement.Restart(stored(21), new Position("topic", 3, 0, null)));
    }

    @Test
    void anotherTopicOfTheSameNameIsReadFromItsBeginning() {
        assertThat(Placement.of(stored(15), new Placement.Log("reborn", 3, 0, 20)))
                .isEqualTo(new Placement.Restart(stored(15), new Position("reborn", 3, 0, null)));
    }
}
