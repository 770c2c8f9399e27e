package io.rejoin.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class FrameQueueTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int MAX = 300_000;

    private final FrameQueue queue = new FrameQueue();

    private static byte[] frame(int length, int content) {
        var frame = new byte[length];
        frame[0] = (byte) content;
        return frame;
    }

    @Test
    void whatWaitsIsTakenTogetherInItsOrder() throws InterruptedException {
        for (var n = 1; n <= 3; n++) assertThat(queue.offer(new byte[]{(byte) n}, MAX)).isTrue();

        assertThat(queue.take(LONG)).containsExactly(1, 2, 3);
        assertThat(queue.take(Duration.ZERO)).isEmpty();
    }

    @Test
    void notMoreIsTakenTogetherThanFits() throws InterruptedException {
        queue.offer(frame(200_000, 1), MAX);
        queue.offer(frame(70_000, 2), MAX);
        queue.offer(frame(10, 3), MAX);

        assertThat(queue.take(LONG)).hasSize(200_000);
        assertThat(queue.take(LONG)).hasSize(70_010).startsWith(2);
    }

    @Test
    void aFrameThatIsLargerGoesAlone() throws InterruptedException {
        queue.offer(frame(1_000_000, 1), MAX);
        assertThat(queue.offer(frame(10, 2), MAX)).isFalse();

        assertThat(queue.take(LONG)).hasSize(1_000_000);
        assertThat(queue.offer(frame(10, 2), MAX)).isTrue();
        assertThat(queue.take(LONG)).hasSize(10);
    }

    @Test
    void whoWaitsIsWokenByAFrameAndByTheEnd() throws Exception {
        for (var ends : new boolean[]{false, true}) {
            var taking = new FutureTask<>(() -> queue.take(LONG));
            Thread.ofVirtual().start(taking);
            if (ends) queue.end();
            else
                queue.offer(new byte[]{7}, MAX);
            if (ends) assertThat(taking.get()).isNull();
            else
                assertThat(taking.get()).containsExactly(7);
        }
    }

    @Test
    void afterTheEndNothingIsTakenInOrGivenOut() throws InterruptedException {
        queue.offer(new byte[]{1}, MAX);
        queue.end();

        assertThat(queue.isOver()).isTrue();
        assertThat(queue.offer(new byte[]{2}, MAX)).isFalse();
        assertThat(queue.take(LONG)).isNull();
    }
}
