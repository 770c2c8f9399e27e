package io.rejoin.edge.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Whole connections over loopback, against a client that is as rude as it likes. */
class WebSocketIT {
    @Test
    void aTextMessageIsEchoed() throws IOException {
        try (var server = new TestServer(_ -> new Echo(), WebSocketLimits.of(65536, 1 << 20));
                var client = RawClient.open(server.port(), "/ws")) {
            client.sendText("héllo");
            assertThat(client.read()).isEqualTo(RawClient.Frame.text("héllo"));
            client.send(RawClient.masked(0x88, new byte[]{0x03, (byte) 0xe8}));
            assertThat(client.read()).isEqualTo(RawClient.Frame.close(1000, ""));
            assertThat(client.isAtEnd()).isTrue();
        }
    }
}
