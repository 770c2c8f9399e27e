package io.rejoin.history.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.RoomPattern;
import io.rejoin.history.store.Expiry.Candidate;
import io.rejoin.history.store.Expiry.Decision;
import io.rejoin.history.store.Expiry.TimedMessage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpiryTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final Retention RETENTION = new Retention(List.of(), Duration.ofSeconds(100));
    private static final Candidate CANDIDATE = new Candidate(LOBBY, new Head(1, 4));

    private static Decision decide(boolean hasMore, TimedMessage... oldest) {
        return Expiry.decide(RETENTION, CANDIDATE, List.of(oldest), hasMore, 1_000_000);
    }

    private static TimedMessage message(long epoch, long seq, long ts) {
        return new TimedMessage(new Head(epoch, seq), ts);
    }

    @Test
    void messagesAreDeletedUpToTheFirstYoungOne() {
        var decision = decide(false, message(1, 5, 800_000), message(2, 1, 900_000), message(2, 2, 900_001));

        assertThat(decision.lastDeleted()).isEqualTo(new Head(2, 1));
        assertThat(decision.hasDeletions()).isTrue();
    }

    @Test
    void anOldMessageBehindAYoungOneStays() {
        var decision = decide(false, message(1, 5, 950_000), message(1, 6, 800_000));

        assertThat(decision).isEqualTo(new Decision(CANDIDATE, new Head(1, 4), 1_050_000));
        assertThat(decision.hasDeletions()).isFalse();
    }

    @Test
    void aBusyRoomIsCheckedTwentyTimesWithinTheRetentionTime() {
        assertThat(decide(false, message(1, 5, 900_001)).due()).isEqualTo(1_005_000);
        var year = new Retention(List.of(), Duration.ofDays(365));
        var now = Duration.ofDays(365).toMillis() + 1;
        assertThat(Expiry.decide(year, CANDIDATE, List.of(message(1, 5, 2)), false, now).due())
                .isEqualTo(now + Duration.ofHours(1).toMillis());
    }

    @Test
    void aRoomWithMoreMessagesIsDueAtOnce() {
        assertThat(decide(true, message(1, 5, 1), message(1, 6, 2)))
                .isEqualTo(new Decision(CANDIDATE, new Head(1, 6), 1_000_000));
    }

    @Test
    void anEmptyRoomIsDueAfterTheRetentionTime() {
        assertThat(decide(false)).isEqualTo(new Decision(CANDIDATE, new Head(1, 4), 1_100_000));
    }

    @Test
    void aRoomKeptForeverIsNeverDue() {
        var lobby = new Retention.RoomClass(null, new RoomPattern("lobby"), null);
        var retention = new Retention(List.of(lobby), Duration.ofSeconds(1));

        assertThat(Expiry.decide(retention, CANDIDATE, List.of(message(1, 5, 1)), false, 1_000_000))
                .isEqualTo(new Decision(CANDIDATE, new Head(1, 4), Retention.NEVER_DUE));
    }
}
