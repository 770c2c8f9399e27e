package io.rejoin.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LoopsTest {
    private final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();
    private final Loops loops = new Loops(fatal::add);

    @Test
    void theFirstLoopThatDiesIsFatalAndOnlyThat() throws InterruptedException {
        loops.start("first", () -> {
            throw new IllegalStateException("a defect");
        });
        await().atMost(Duration.ofSeconds(40)).until(() -> fatal.size() == 1);
        loops.start("second", () -> {
            throw new AssertionError("another");
        });

        assertThat(loops.join(Duration.ofSeconds(40))).isTrue();
        assertThat(fatal).hasSize(1);
        assertThat(fatal.element()).hasMessage("first died").hasRootCauseMessage("a defect");
    }

    @Test
    void aLoopThatJustEndsIsFatalToo() throws InterruptedException {
        loops.start("one", () -> {});

        assertThat(loops.join(Duration.ofSeconds(40))).isTrue();
        assertThat(fatal.element()).hasMessageContaining("one ended by itself");
    }

    @Test
    void whenTheEdgeStopsLoopsMayEnd() throws InterruptedException {
        var stop = new CountDownLatch(1);
        loops.start("one", () -> {
            try {
                stop.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(loops.join(Duration.ofMillis(1))).isFalse();
        loops.mayEnd();
        stop.countDown();

        assertThat(loops.join(Duration.ofSeconds(40))).isTrue();
        assertThat(fatal).isEmpty();
    }
}
