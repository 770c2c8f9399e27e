package io.rejoin.history.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final Duration LONG = Duration.ofSeconds(50);
    private static final Duration AWAITED = Duration.ofMillis(1);

    private final AtomicBoolean hasWaiters = new AtomicBoolean();
    private final AtomicInteger asked = new AtomicInteger();
    private final Pace pace = new Pace(this::hasWaiters, Duration.ofHours(1), AWAITED);
    private final Thread resting = Thread.ofPlatform().daemon().unstarted(() -> pace.rest(System.nanoTime()));

    @AfterEach
    void end() {
        pace.end();
    }

    @Test
    void whoRestsGoesOnOnceAReaderWaits() throws InterruptedException {
        begin();
        hasWaiters.set(true);
        pace.shortenWait();
        assertThat(resting.join(LONG)).isTrue();
    }

    @Test
    void aReaderWhoHasGoneAgainHurriesNobody() {
        begin();
        var before = asked.get();
        pace.shortenWait();
        await().atMost(LONG).until(() -> asked.get() > before);
        await().atMost(LONG).until(this::rests);
    }

    @Test
    void nobodyRestsAnyMoreOnceItIsOver() throws InterruptedException {
        begin();
        pace.end();
        assertThat(resting.join(LONG)).isTrue();
    }

    @Test
    void whileAReaderWaitsTheShorterTimeIsRested() throws InterruptedException {
        hasWaiters.set(true);
        var begun = System.nanoTime();
        resting.start();
        assertThat(resting.join(LONG)).isTrue();
        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(AWAITED.toNanos());
    }

    private void begin() {
        resting.start();
        await().atMost(LONG).until(this::rests);
    }

    private boolean rests() {
        return resting.getState() == Thread.State.TIMED_WAITING;
    }

    private boolean hasWaiters() {
        asked.incrementAndGet();
        return hasWaiters.get();
    }
}
