package io.rejoin.edge.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.edge.websocket.RawClient.Frame;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Clients that send more than they may. */
class RateLimitIT {
    private static final String TEXT = "x".repeat(100);

    @Test
    void aBurstBeyondTheRateIsSlowedDownButNothingOfItIsLost() throws IOException {
        try (var server = server(new Rates(100, 1 << 20, Duration.ofMinutes(1)));
                var client = RawClient.open(server.port(), "/")) {
            for (var n = 0; n < 500; n++) client.sendText("text " + n);
            for (var n = 0; n < 500; n++) assertThat(client.read()).isEqualTo(Frame.text("text " + n));

        }
    }

    @Test
    void whoeverGoesOnIsClosed() throws IOException {
        try (var server = server(new Rates(10, 1 << 20, Duration.ofMillis(200)));
                var client = RawClient.open(server.port(), "/")) {
            for (var n = 0; n < 200; n++) client.sendText(TEXT);
            var last = client.read();
            while (last.equals(Frame.text(TEXT))) last = client.read();

            assertThat(last).isEqualTo(Frame.close(4429, "too much for too long: wait, then come back"));
        }
    }

    @Test
    void pingsCountAsWell() throws IOException {
        try (var server = server(new Rates(10, 1 << 20, Duration.ofMillis(200)));
                var client = RawClient.open(server.port(), "/")) {
            for (var n = 0; n < 200; n++) client.send(RawClient.masked(0x80 | FrameWriter.PING, new byte[0]));
            var last = client.read();
            while (last.opcode() == FrameWriter.PONG) last = client.read();

            assertThat(last.opcode()).isEqualTo(FrameWriter.CLOSE);
        }
    }

    private static TestServer server(Rates rates) {
        return new TestServer(_ -> new Echo(), new WebSocketLimits(1_024, 256 * 1_024, rates, Duration.ofSeconds(2)));
    }
}
