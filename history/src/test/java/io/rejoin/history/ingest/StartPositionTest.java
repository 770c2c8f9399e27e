package io.rejoin.history.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Source;
import io.rejoin.history.store.Position;
import org.junit.jupiter.api.Test;

class StartPositionTest {
    private static final Source LAST = new Source(3, 70, 0);

    private static Position stored(long nextOffset) {
        return new Position("topic", 3, nextOffset, LAST);
    }

    private static StartPosition.Log log(long begin, long end) {
        return new StartPosition.Log("topic", 3, begin, end);
    }

    @Test
    void aKnownPositionIsResumed() {
        for (var nextOffset : new long[]{10, 15, 20}) {
            assertThat(StartPosition.of(stored(nextOffset), log(10, 20)))
                    .isEqualTo(new StartPosition.Resume(stored(nextOffset)));
        }
    }

    @Test
    void aNewPartitionIsReadFromItsBeginning() {
        assertThat(StartPosition.of(null, log(10, 20)))
                .isEqualTo(new StartPosition.Begin(new Position("topic", 3, 10, null)));
    }

    @Test
    void recordsDeletedByRetentionAreSkippedAndTheLastSourceStays() {
        assertThat(StartPosition.of(stored(4), log(10, 20))).isEqualTo(new StartPosition.Skip(stored(4), stored(10)));
    }

    @Test
    void aLogThatEndsBeforeThePositionIsReadAgainWithoutALastSource() {
        assertThat(StartPosition.of(stored(21), log(0, 20)))
                .isEqualTo(new StartPosition.Restart(stored(21), new Position("topic", 3, 0, null)));
    }

    @Test
    void anotherTopicOfTheSameNameIsReadFromItsBeginning() {
        assertThat(StartPosition.of(stored(15), new StartPosition.Log("reborn", 3, 0, 20)))
                .isEqualTo(new StartPosition.Restart(stored(15), new Position("reborn", 3, 0, null)));
    }
}
