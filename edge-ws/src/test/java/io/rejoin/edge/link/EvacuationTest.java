package io.rejoin.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.EdgeHeartbeat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EvacuationTest {
    private final List<String> done = new ArrayList<>();
    private long now = 1;
    private int uncovered;
    private final Evacuation evacuation = new Evacuation("own", () -> uncovered, () -> done.add("away"),
            () -> done.add("back"), () -> now);

    @Test
    void clientsAreSentToAnEdgeThatIsWellOnceThisOneWasInTheDarkForLong() {
        uncovered = 1;
        pass(Evacuation.PATIENCE.minusSeconds(1), "ok");
        assertThat(done).isEmpty();
        pass(Duration.ofSeconds(3), "ok");
        assertThat(done).containsExactly("away");
        pass(Duration.ofSeconds(30), "degraded");
        assertThat(done).as("once").containsExactly("away");
    }

    @Test
    void theyAreLetInAgainWhenNothingIsMissing() {
        uncovered = 1;
        pass(Evacuation.PATIENCE.plusSeconds(2), "ok");
        uncovered = 0;
        pass(Duration.ofSeconds(1), "ok");
        assertThat(done).containsExactly("away", "back");
    }

    @Test
    void whereNoOtherEdgeIsWellTheyStay() {
        uncovered = 1;
        pass(Duration.ofMinutes(2), "unready");
        pass(Duration.ofMinutes(2), "drained");
        for (var second = 0; second < 60; second++) {
            evacuation.heard(new EdgeHeartbeat(new EdgeRef("own", 1, 0), "here", 1, "ok"));
            pass(Duration.ofSeconds(1), null);
        }
        assertThat(done).isEmpty();
    }

    @Test
    void theyAreLetInAgainWhenTheOthersAreNotWellEither() {
        uncovered = 1;
        pass(Evacuation.PATIENCE.plusSeconds(2), "ok");
        pass(Evacuation.LATELY.plusSeconds(1), "unready");
        assertThat(done).containsExactly("away", "back");
    }

    @Test
    void onceAnotherIsKnownToBeWellItDoesNotMatterForAWhileWhatTheySay() {
        assertThat(evacuation.isNewsWanted()).isTrue();
        pass(Duration.ofSeconds(1), "unready");
        assertThat(evacuation.isNewsWanted()).isTrue();
        pass(Duration.ofSeconds(1), "ok");
        assertThat(evacuation.isNewsWanted()).isFalse();
        now += Evacuation.KNOWN.toNanos();
        assertThat(evacuation.isNewsWanted()).isTrue();
        assertThat(evacuation.isWellElsewhere()).isTrue();
    }

    @Test
    void aTakeoverSendsNobodyAway() {
        for (var n = 0; n < 10; n++) {
            uncovered = 6;
            pass(Duration.ofSeconds(10), "ok");
            uncovered = 0;
            pass(Duration.ofSeconds(1), "ok");
        }
        assertThat(done).isEmpty();
    }

    private void pass(Duration time, @Nullable String status) {
        for (var passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plusSeconds(1)) {
            now += Duration.ofSeconds(1).toNanos();
            evacuation.heard(new EdgeHeartbeat(new EdgeRef("other", 1, 0), "there", 1, status));
            evacuation.look();
        }
    }
}
