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
    void waitingFramesAreJoinedInTheirOrder() throws InterruptedException {
        for (var n = 1; n <= 3; n++) assertThat(queue.offer(new byte[]{(byte) n}, MAX)).isTrue();

        assertThat(queue.takeBatch(LONG)).containsExactly(1, 2, 3);
        assertThat(queue.takeBatch(Duration.ZERO)).isEmpty();
    }

    @Test
    void aBatchHasALimitedSize() throws InterruptedException {
        queue.offer(frame(200_000, 1), MAX);
        queue.offer(frame(70_000, 2), MAX);
        queue.offer(frame(10, 3), MAX);

        assertThat(queue.takeBatch(LONG)).hasSize(200_000);
        assertThat(queue.takeBatch(LONG)).hasSize(70_010).startsWith(2);
    }

    @Test
    void aFrameLargerThanABatchIsTakenAlone() throws InterruptedException {
        queue.offer(frame(1_000_000, 1), MAX);
        assertThat(queue.offer(frame(10, 2), MAX)).isFalse();

        assertThat(queue.takeBatch(LONG)).hasSize(1_000_000);
        assertThat(queue.offer(frame(10, 2), MAX)).isTrue();
        assertThat(queue.takeBatch(LONG)).hasSize(10);
    }

    @Test
    void aFrameOrCloseWakesTheWaitingWriter() throws Exception {
        for (var ends : new boolean[]{false, true}) {
            var taking = new FutureTask<>(() -> queue.takeBatch(LONG));
            Thread.ofVirtual().start(taking);
            if (ends) queue.close();
            else
                queue.offer(new byte[]{7}, MAX);
            if (ends) assertThat(taking.get()).isNull();
            else
                assertThat(taking.get()).containsExactly(7);
        }
    }

    @Test
    void aClosedQueueAcceptsAndReturnsNothing() throws InterruptedException {
        queue.offer(new byte[]{1}, MAX);
        queue.close();

        assertThat(queue.isClosed()).isTrue();
        assertThat(queue.offer(new byte[]{2}, MAX)).isFalse();
        assertThat(queue.takeBatch(LONG)).isNull();
    }
}
