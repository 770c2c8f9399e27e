package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests a client that never reads, beside one that does. */
class SlowReaderIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String TEXT = "x".repeat(10_000);
    private static final byte[] FRAME = FrameWriter.text(TEXT.getBytes(UTF_8));
    /** More than fits into the outbox and into any kernel's buffers for a connection. */
    private static final int FRAMES = 5_000;

    private final LinkedBlockingQueue<Recorder> recorders = new LinkedBlockingQueue<>();
    private final TestServer server = new TestServer(_ -> {
        var recorder = new Recorder();
        recorders.add(recorder);
        return recorder;
    }, new WebSocketLimits(1024, 256 * 1024, TestServer.ANY_RATE, TestServer.MEMORY, Duration.ofSeconds(1)));

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aSlowClientIsClosedAtItsLimitAndTheOtherGetsEverything() throws Exception {
        try (var slow = RawClient.open(server.port(), "/"); var healthy = RawClient.open(server.port(), "/")) {
            var slowRecorder = nextRecorder();
            var toSlow = slowRecorder.socket();
            var toHealthy = nextRecorder().socket();
            var reading = new FutureTask<>(() -> readAll(healthy));
            Thread.ofVirtual().start(reading);

            var refused = 0;
            for (var i = 0; i < FRAMES; i++) {
                if (!toSlow.offerMessage(FRAME)) refused++;
                while (!toHealthy.offerMessage(FRAME)) {
                    assertThat(toHealthy.awaitSpace(FRAME.length, PATIENCE)).isTrue();
                }
            }
            assertThat(reading.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(FRAMES);

            assertThat(refused).isPositive();
            assertThat(toSlow.isOpen()).isTrue();
            assertThat(toSlow.awaitSpace(FRAME.length, Duration.ofMillis(10))).isFalse();
            assertThat(toSlow.offerReply(FrameWriter.ping())).isTrue(); // uses the reserve
            toSlow.close(1013, "too slow");
            assertThat(slowRecorder.callsAtEnd()).containsExactly("open", "closed");
            assertThat(slow.readRemaining()).doesNotContain("too slow"); // it is behind unread bytes
        }
    }

    private Recorder nextRecorder() throws InterruptedException {
        return Objects.requireNonNull(recorders.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    private static int readAll(RawClient client) throws IOException {
        var received = 0;
        while (received < FRAMES && client.read().equals(RawClient.Frame.text(TEXT))) received++;
        return received;
    }
}
