package io.rejoin.history.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.RoomPattern;
import io.rejoin.history.store.Expiry.Aged;
import io.rejoin.history.store.Expiry.Candidate;
import io.rejoin.history.store.Expiry.Verdict;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpiryTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final Retention KEPT = new Retention(List.of(), Duration.ofSeconds(100));
    private static final Candidate LOOKED_AT = new Candidate(LOBBY, new Head(1, 4));

    private static Verdict verdict(boolean hasMore, Aged... oldest) {
        return Expiry.verdict(KEPT, LOOKED_AT, List.of(oldest), hasMore, 1_000_000);
    }

    private static Aged aged(long epoch, long seq, long ts) {
        return new Aged(new Head(epoch, seq), ts);
    }

    @Test
    void messagesGoUpToTheFirstThatIsYoungEnough() {
        var verdict = verdict(false, aged(1, 5, 800_000), aged(2, 1, 900_000), aged(2, 2, 900_001));

        assertThat(verdict.gone()).isEqualTo(new Head(2, 1));
        assertThat(verdict.deletes()).isTrue();
    }

    @Test
    void anOldOneBehindAYoungOneStaysSoThatThereIsNoHole() {
        var verdict = verdict(false, aged(1, 5, 950_000), aged(1, 6, 800_000));

        assertThat(verdict).isEqualTo(new Verdict(LOOKED_AT, new Head(1, 4), 1_050_000));
        assertThat(verdict.deletes()).isFalse();
    }

    @Test
    void aBusyRoomIsLookedAtTwentyTimesWithinItsTime() {
        assertThat(verdict(false, aged(1, 5, 900_001)).due()).isEqualTo(1_005_000);
        var year = new Retention(List.of(), Duration.ofDays(365));
        var now = Duration.ofDays(365).toMillis() + 1;
        assertThat(Expiry.verdict(year, LOOKED_AT, List.of(aged(1, 5, 2)), false, now).due())
                .isEqualTo(now + Duration.ofHours(1).toMillis());
    }

    @Test
    void whereMoreMayBeDueTheRoomIsDueAtOnce() {
        assertThat(verdict(true, aged(1, 5, 1), aged(1, 6, 2)))
                .isEqualTo(new Verdict(LOOKED_AT, new Head(1, 6), 1_000_000));
    }

    @Test
    void anEmptyRoomIsLookedAtAgainWhenSomethingNewMayBeDue() {
        assertThat(verdict(false)).isEqualTo(new Verdict(LOOKED_AT, new Head(1, 4), 1_100_000));
    }

    @Test
    void whatIsKeptForEverIsNeverDue() {
        var lobby = new Retention.RoomClass(null, new RoomPattern("lobby"), null);
        var retention = new Retention(List.of(lobby), Duration.ofSeconds(1));

        assertThat(Expiry.verdict(retention, LOOKED_AT, List.of(aged(1, 5, 1)), false, 1_000_000))
                .isEqualTo(new Verdict(LOOKED_AT, new Head(1, 4), Retention.NEVER));
    }
}
