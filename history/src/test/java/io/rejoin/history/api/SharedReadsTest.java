package io.rejoin.history.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SharedReadsTest {
    private final SharedReads<String, Integer> reads = new SharedReads<>();
    private final AtomicInteger readCount = new AtomicInteger();

    @Test
    void aCallerDuringAnEqualReadGetsItsResult() throws Exception {
        var started = new CountDownLatch(1);
        var finish = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> reads.read("a", () -> {
                started.countDown();
                awaitUnchecked(finish);
                return readCount.incrementAndGet();
            }));
            started.await();
            var second = threads.submit(() -> reads.read("a", readCount::incrementAndGet));
            assertThat(reads.read("b", () -> 7)).isEqualTo(7);
            finish.countDown();

            assertThat(first.get()).isEqualTo(1);
            assertThat(second.get()).isIn(1, 2); // 2 if the second read started after the first had ended
        }
        assertThat(readCount.get()).isBetween(1, 2);
    }

    @Test
    void resultsAreNotCached() throws Exception {
        assertThat(reads.read("a", readCount::incrementAndGet)).isEqualTo(1);
        assertThat(reads.read("a", readCount::incrementAndGet)).isEqualTo(2);
    }

    @Test
    void aFailureIsThrownAndNotCached() throws Exception {
        assertThatThrownBy(() -> reads.read("a", () -> {
            throw new IllegalStateException("away");
        })).isInstanceOf(IllegalStateException.class).hasMessage("away");
        assertThat(reads.read("a", readCount::incrementAndGet)).isEqualTo(1);
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
