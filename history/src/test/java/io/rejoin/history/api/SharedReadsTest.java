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
    private final AtomicInteger made = new AtomicInteger();

    @Test
    void whoComesDuringAReadGetsItsResult() throws Exception {
        var begun = new CountDownLatch(1);
        var finish = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> reads.read("a", () -> {
                begun.countDown();
                awaitUnchecked(finish);
                return made.incrementAndGet();
            }));
            begun.await();
            var second = threads.submit(() -> reads.read("a", made::incrementAndGet));
            assertThat(reads.read("b", () -> 7)).isEqualTo(7);
            finish.countDown();

            assertThat(first.get()).isEqualTo(1);
            assertThat(second.get()).isIn(1, 2); // 2 if the second read started after the first had ended
        }
        assertThat(made.get()).isBetween(1, 2);
    }

    @Test
    void nothingIsKept() throws Exception {
        assertThat(reads.read("a", made::incrementAndGet)).isEqualTo(1);
        assertThat(reads.read("a", made::incrementAndGet)).isEqualTo(2);
    }

    @Test
    void aFailureIsEverybodys() throws Exception {
        assertThatThrownBy(() -> reads.read("a", () -> {
            throw new IllegalStateException("away");
        })).isInstanceOf(IllegalStateException.class).hasMessage("away");
        assertThat(reads.read("a", made::incrementAndGet)).isEqualTo(1);
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
