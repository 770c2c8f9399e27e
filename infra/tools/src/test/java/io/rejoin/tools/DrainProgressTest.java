package io.rejoin.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.EdgeHeartbeat;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Checks the states that {@link DrainProgress} derives from an edge's heartbeats. */
class DrainProgressTest {
    private final long begun = -5_000;

    private static EdgeHeartbeat heartbeat(int connections, String status) {
        return new EdgeHeartbeat(new EdgeRef("edge-1", 1, 0), "10.0.0.1:8080", connections, status);
    }

    private long after(int seconds) {
        return begun + Duration.ofSeconds(seconds).toNanos();
    }

    @Test
    void itIsDoneWhenItSaysThatItIsDrainedAndHasNoConnectionLeft() {
        var progress = new DrainProgress(heartbeat(2, "ok"), false, begun);
        assertThat(progress.state(after(0))).isEqualTo(DrainProgress.State.ASKED);
        progress.heard(heartbeat(2, "drained"), after(1));
        assertThat(progress.state(after(1))).isEqualTo(DrainProgress.State.EMPTYING);
        progress.heard(heartbeat(0, "drained"), after(2));
        assertThat(progress.state(after(2))).isEqualTo(DrainProgress.State.DONE);
    }

    @Test
    void whatItSaidBeforeItWasAskedProvesNothing() {
        assertThat(new DrainProgress(heartbeat(0, "drained"), false, begun).state(after(1)))
                .isEqualTo(DrainProgress.State.ASKED);
    }

    @Test
    void anEmptyEdgeThatDoesNotSayThatItIsDrainedIsNotDone() {
        var progress = new DrainProgress(heartbeat(0, "ok"), false, begun);
        progress.heard(heartbeat(0, "ok"), after(1));
        assertThat(progress.state(after(1))).isEqualTo(DrainProgress.State.ASKED);
    }

    @Test
    void oneThatLivesAndDoesNotObeyHasNotReacted() {
        var progress = new DrainProgress(heartbeat(2, "ok"), false, begun);
        progress.heard(heartbeat(2, "ok"), after(11));
        assertThat(progress.state(after(11))).isEqualTo(DrainProgress.State.NO_REACTION);
    }

    @Test
    void oneThatIsNotHeardIsSilentHoweverFarItWas() {
        var progress = new DrainProgress(heartbeat(2, "drained"), false, begun);
        progress.heard(heartbeat(1, "drained"), after(3));
        assertThat(progress.state(after(17))).isEqualTo(DrainProgress.State.EMPTYING);
        assertThat(progress.state(after(19))).isEqualTo(DrainProgress.State.SILENT);
    }

    @Test
    void whatIsTakenBackIsDoneWhenItServes() {
        var progress = new DrainProgress(heartbeat(0, "drained"), true, begun);
        assertThat(progress.state(after(0))).isEqualTo(DrainProgress.State.ASKED);
        progress.heard(heartbeat(3, "ok"), after(1));
        assertThat(progress.state(after(1))).isEqualTo(DrainProgress.State.DONE);
    }
}
