package io.rejoin.edge.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FrameMemoryTest {
    private static final int PAGE = 4_096;

    private final FrameMemory memory = new FrameMemory(2 * PAGE);

    @Test
    void pagesWaitForFreeMemory() throws InterruptedException {
        var reserved = new AtomicInteger();
        var first = memory.reserve(PAGE);
        memory.reserve(PAGE);
        var third = Thread.ofVirtual().start(() -> {
            try {
                memory.reserve(PAGE);
                reserved.incrementAndGet();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        await().atMost(Duration.ofSeconds(30)).until(() -> third.getState() == Thread.State.WAITING);
        assertThat(reserved).hasValue(0);

        first.close();

        assertThat(third.join(Duration.ofSeconds(30))).isTrue();
        assertThat(reserved).hasValue(1);
    }

    @Test
    void framesAreCountedWithoutWaitingAndPagesWaitForThem() throws InterruptedException {
        var units = memory.reserveNow(3 * PAGE);
        assertThat(memory.freeBytes()).isEqualTo(-PAGE);
        var page = Thread.ofVirtual().start(() -> {
            try {
                memory.reserve(PAGE).close();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        await().atMost(Duration.ofSeconds(30)).until(() -> page.getState() == Thread.State.WAITING);

        memory.release(units);

        assertThat(page.join(Duration.ofSeconds(30))).isTrue();
        assertThat(memory.freeBytes()).isEqualTo(2 * PAGE);
    }

    @Test
    void onePageAlwaysFits() throws InterruptedException {
        memory.reserve(1_000 * PAGE).close();
        memory.reserve(Integer.MAX_VALUE).close();

        assertThat(memory.freeBytes()).isEqualTo(2 * PAGE);
    }
}
