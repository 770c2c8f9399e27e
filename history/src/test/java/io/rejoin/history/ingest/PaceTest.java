package io.rejoin.history.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration AWAITED = Duration.ofMillis(1);

    private final AtomicBoolean isAwaited = new AtomicBoolean();
    private final Pace pace = new Pace(isAwaited::get, Duration.ofHours(1), AWAITED);
    private final Thread resting = Thread.ofPlatform().daemon().unstarted(() -> pace.rest(System.nanoTime()));

    @AfterEach
    void end() {
        pace.end();
    }

    @Test
    void whoRestsGoesOnOnceAReaderWaits() throws InterruptedException {
        begin();
        isAwaited.set(true);
        pace.hurry();
        assertThat(resting.join(LONG)).isTrue();
    }

    @Test
    void aReaderWhoHasGoneAgainHurriesNobody() {
        begin();
        pace.hurry();
        await().atMost(LONG).until(() -> resting.getState() == Thread.State.TIMED_WAITING);
        assertThat(resting.isAlive()).isTrue();
    }

    @Test
    void nobodyRestsAnyMoreOnceItIsOver() throws InterruptedException {
        begin();
        pace.end();
        assertThat(resting.join(LONG)).isTrue();
    }

    @Test
    void whileAReaderWaitsOnlyWhatIsLeftOfTheShorterTimeIsRested() {
        isAwaited.set(true);
        var begun = System.nanoTime();
        pace.rest(begun);
        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(AWAITED.toNanos());
        pace.rest(begun); // it is over
    }

    private void begin() {
        resting.start();
        await().atMost(LONG).until(() -> resting.getState() == Thread.State.TIMED_WAITING);
    }
}
