package io.rejoin.edge.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.edge.websocket.RawClient.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tests clients that send more than their rate. */
class RateLimitIT {
    @Test
    void aBurstBeyondTheRateIsSlowedDownButNothingOfItIsLost() throws IOException {
        try (var server = server(new Rates(100, 1 << 20, Duration.ofMinutes(1)));
                var client = RawClient.open(server.port(), "/")) {
            for (var n = 0; n < 500; n++) client.sendText("text " + n);
            for (var n = 0; n < 500; n++) assertThat(client.read()).isEqualTo(Frame.text("text " + n));

        }
    }

    @Test
    void aClientThatKeepsFloodingIsClosed() throws Exception {
        floodUntilClosed(RawClient.masked(0x80 | FrameWriter.TEXT, new byte[]{'x'}));
    }

    @Test
    void pingsCountAsWell() throws Exception {
        floodUntilClosed(RawClient.masked(0x80 | FrameWriter.PING, new byte[0]));
    }

    private static void floodUntilClosed(byte[] frame) throws Exception {
        try (var server = server(new Rates(1_000, 1 << 20, Duration.ofMillis(100)));
                var client = RawClient.open(server.port(), "/")) {
            Thread.ofVirtual().start(() -> flood(client, frame));
            var last = client.read();
            while (last.opcode() != FrameWriter.CLOSE) last = client.read();

            assertThat(last).isEqualTo(Frame.close(4429, "the client sends too much: wait, then reconnect"));
        }
    }

    private static void flood(RawClient client, byte[] frame) {
        var many = ByteBuffer.allocate(1_000 * frame.length);
        while (many.hasRemaining()) many.put(frame);
        try {
            while (true) client.send(many.array());
        } catch (IOException _) {
            // the server has closed the connection
        }
    }

    private static TestServer server(Rates rates) {
        return new TestServer(_ -> new Echo(),
                new WebSocketLimits(1_024, 256 * 1_024, rates, TestServer.MEMORY, Duration.ofSeconds(2)));
    }
}
