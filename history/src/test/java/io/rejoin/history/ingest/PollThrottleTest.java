package io.rejoin.history.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PollThrottleTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(50);
    private static final Duration INTERVAL_WITH_WAITERS = Duration.ofMillis(1);

    private final AtomicBoolean hasWaiters = new AtomicBoolean();
    private final AtomicInteger queryCount = new AtomicInteger();
    private final PollThrottle pollThrottle = new PollThrottle(this::hasWaiters, Duration.ofHours(1),
            INTERVAL_WITH_WAITERS);
    private final Thread waitingThread = Thread.ofPlatform().daemon()
            .unstarted(() -> pollThrottle.awaitInterval(System.nanoTime()));

    @AfterEach
    void stop() {
        pollThrottle.stop();
    }

    @Test
    void aNewReaderShortensTheWait() throws InterruptedException {
        startWaiting();
        hasWaiters.set(true);
        pollThrottle.shortenWait();
        assertThat(waitingThread.join(TIMEOUT)).isTrue();
    }

    @Test
    void theWaitContinuesIfNoReaderWaitsAnyMore() {
        startWaiting();
        var before = queryCount.get();
        pollThrottle.shortenWait();
        await().atMost(TIMEOUT).until(() -> queryCount.get() > before);
        await().atMost(TIMEOUT).until(this::isWaiting);
    }

    @Test
    void stoppingEndsTheWait() throws InterruptedException {
        startWaiting();
        pollThrottle.stop();
        assertThat(waitingThread.join(TIMEOUT)).isTrue();
    }

    @Test
    void theWaitIsShorterWhileAReaderWaits() throws InterruptedException {
        hasWaiters.set(true);
        var startedAt = System.nanoTime();
        waitingThread.start();
        assertThat(waitingThread.join(TIMEOUT)).isTrue();
        assertThat(System.nanoTime() - startedAt).isGreaterThanOrEqualTo(INTERVAL_WITH_WAITERS.toNanos());
    }

    private void startWaiting() {
        waitingThread.start();
        await().atMost(TIMEOUT).until(this::isWaiting);
    }

    private boolean isWaiting() {
        return waitingThread.getState() == Thread.State.TIMED_WAITING;
    }

    private boolean hasWaiters() {
        queryCount.incrementAndGet();
        return hasWaiters.get();
    }
}
