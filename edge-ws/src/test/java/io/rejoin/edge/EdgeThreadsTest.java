package io.rejoin.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class EdgeThreadsTest {
    private final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();
    private final EdgeThreads threads = new EdgeThreads(fatal::add);

    @Test
    void onlyTheFirstThreadThatDiesIsFatal() throws InterruptedException {
        threads.start("first", () -> {
            throw new IllegalStateException("a defect");
        });
        await().atMost(Duration.ofSeconds(40)).until(() -> fatal.size() == 1);
        threads.start("second", () -> {
            throw new AssertionError("another");
        });

        assertThat(threads.join(Duration.ofSeconds(40))).isTrue();
        assertThat(fatal).hasSize(1);
        assertThat(fatal.element()).hasMessage("first died").hasRootCauseMessage("a defect");
    }

    @Test
    void aThreadThatEndsIsFatalToo() throws InterruptedException {
        threads.start("one", () -> {});

        assertThat(threads.join(Duration.ofSeconds(40))).isTrue();
        assertThat(fatal.element()).hasMessageContaining("one ended by itself");
    }

    @Test
    void whenTheEdgeStopsThreadsMayEnd() throws InterruptedException {
        var stop = new CountDownLatch(1);
        threads.start("one", () -> {
            try {
                stop.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(threads.join(Duration.ofMillis(1))).isFalse();
        threads.allowEnd();
        stop.countDown();

        assertThat(threads.join(Duration.ofSeconds(40))).isTrue();
        assertThat(fatal).isEmpty();
    }
}
