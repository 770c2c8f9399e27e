package io.rejoin.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectionPhaseTest {
    private static final Deadlines DEADLINES = new Deadlines(Duration.ofSeconds(10), Duration.ofSeconds(60),
            Duration.ofSeconds(75), Duration.ofSeconds(30));

    private final ConnectionPhase progress = new ConnectionPhase(at(0));

    @Test
    void bytesDoNotExtendTheTimeOfAHead() {
        for (var second = 1; second <= 10; second++) {
            progress.reads(at(second));
            progress.hasRead(at(second));
            assertThat(progress.isOverdue(DEADLINES, at(second))).isFalse();
        }
        assertThat(progress.isOverdue(DEADLINES, at(10.1))).isTrue();
    }

    @Test
    void anAnswerMayTakeLongerThanItsRequest() {
        progress.requested(false, at(9));
        assertThat(progress.isOverdue(DEADLINES, at(68))).isFalse();
        assertThat(progress.isOverdue(DEADLINES, at(70))).isTrue();
    }

    @Test
    void theNextRequestHasItsTimeFromItsFirstByteOn() {
        answer(at(1), false);
        assertThat(progress.isOverdue(DEADLINES, at(75))).isFalse();
        progress.hasRead(at(70));
        progress.hasRead(at(79));
        assertThat(progress.isOverdue(DEADLINES, at(79.9))).isFalse();
        assertThat(progress.isOverdue(DEADLINES, at(80.1))).isTrue();
    }

    @Test
    void anIdleConnectionEnds() {
        answer(at(1), false);
        assertThat(progress.isOverdue(DEADLINES, at(77))).isTrue();
    }

    @Test
    void aBodyThatDoesNotComeHasTheTimeOfARequest() {
        answer(at(1), true);
        assertThat(progress.isOverdue(DEADLINES, at(10.9))).isFalse();
        assertThat(progress.isOverdue(DEADLINES, at(11.1))).isTrue();
    }

    @Test
    void pipelinedRequestsAreAnsweredOneAfterTheOther() {
        answer(at(1), false);
        progress.requested(false, at(40)); // its bytes were already in the buffer
        assertThat(progress.isOverdue(DEADLINES, at(99))).isFalse();
        assertThat(progress.isDispensable(at(99))).isFalse();
    }

    @Test
    void aClientThatDoesNotReadEnds() {
        progress.requested(false, at(1));
        progress.writes(at(2));
        assertThat(progress.isOverdue(DEADLINES, at(31))).isFalse();
        assertThat(progress.isOverdue(DEADLINES, at(33))).isTrue();
    }

    @Test
    void whatIsUpgradedKeepsItsOwnTime() {
        progress.requested(false, at(1));
        progress.upgraded(at(2));
        progress.writes(at(2));
        assertThat(progress.isOverdue(DEADLINES, at(1000))).isFalse();
        progress.hasWritten(at(1000));
        progress.reads(at(1001));
        assertThat(progress.isOverdue(DEADLINES, at(2000))).isFalse();
        assertThat(progress.isDispensable(at(2000))).isFalse();
    }

    @Test
    void aRequestThatIsRefusedBeforeItIsWholeIsAnswered() {
        progress.writes(at(1));
        progress.hasWritten(at(1));
        assertThat(progress.phase()).isEqualTo(ConnectionPhase.Phase.ANSWER);
        progress.lingers(at(1));
        assertThat(progress.isOverdue(DEADLINES, at(2.9))).isFalse();
        assertThat(progress.isOverdue(DEADLINES, at(3.1))).isTrue();
    }

    @Test
    void onlyWhoeverDoesNothingForAWhileMakesRoom() {
        assertThat(progress.isDispensable(at(0.9))).isFalse();
        assertThat(progress.isDispensable(at(1.1))).isTrue();
        progress.requested(false, at(2));
        assertThat(progress.isDispensable(at(20))).isFalse();
        progress.writes(at(20));
        progress.hasWritten(at(20));
        progress.reads(at(20));
        assertThat(progress.isDispensable(at(22))).isTrue();
    }

    private void answer(long now, boolean hasBody) {
        progress.requested(hasBody, now);
        progress.writes(now);
        progress.hasWritten(now);
        progress.reads(now);
    }

    private static long at(double seconds) {
        return (long) (seconds * 1e9) - 5_000_000_000L; // negative times: the origin of nanoTime is arbitrary
    }
}
