package io.rejoin.history.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.RoomId;
import io.rejoin.history.store.PageRequest;
import io.rejoin.history.store.PageRequest.Range;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReplayQueryTest {
    private static ReplayQuery query(Long epoch, Range range) {
        return new ReplayQuery(new PageRequest(new RoomId("default", "lobby"), epoch, range, 10), Duration.ZERO);
    }

    @Test
    void waitingEndsWithTheLastRequestedSeq() {
        var query = query(2L, new Range.Forward(5, 8));

        assertThat(query.isSatisfiedBy(2, 7)).isFalse();
        assertThat(query.isSatisfiedBy(2, 8)).isTrue();
        assertThat(query.isSatisfiedBy(3, 8)).isFalse();
    }

    @Test
    void waitingEndsWithAFullPage() {
        assertThat(query(2L, new Range.Forward(5, 1_000)).isSatisfiedBy(2, 14)).isFalse();
        assertThat(query(2L, new Range.Forward(5, 1_000)).isSatisfiedBy(2, 15)).isTrue();
    }

    @Test
    void aBackwardPageNeedsNoWait() {
        assertThat(query(2L, new Range.Backward(7)).isSatisfiedBy(2, 0)).isTrue();
    }
}
