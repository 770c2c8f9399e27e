package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.listener.http.RequestRefused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests how a connection is opened or refused. */
class UpgradeIT {
    private static final String UPGRADE = "Upgrade: websocket";
    private static final String CONNECTION = "Connection: Upgrade";

    private final Recorder recorder = new Recorder();
    private final CompletableFuture<Runnable> onAccept = new CompletableFuture<>();
    private final TestServer server = new TestServer(this::accept,
            WebSocketLimits.of(1024, 64 * 1024, TestServer.ANY_RATE, TestServer.MEMORY));

    @AfterEach
    void stop() {
        server.close();
    }

    private WebSocketListener accept(UpgradeRequest request) throws RequestRefused {
        return switch (request.path()) {
            case "/late" -> {
                onAccept.orTimeout(1, TimeUnit.MINUTES).join().run();
                yield recorder;
            }
            case "/ws/café room" -> recorder;
            case "/echo" -> new Echo();
            default -> throw refusal(request.query("token"));
        };
    }

    private static RequestRefused refusal(@Nullable String token) {
        return token == null
                ? new RequestRefused(RefusalCode.INVALID_TOKEN, "a token is needed")
                : new RequestRefused(RefusalCode.FORBIDDEN, "not <" + token + ">");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "WebSocket", "Websocket", "WEBSOCKET", "webSocket"})
    void theProtocolNameIsCaseInsensitive(String spelling) throws IOException {
        try (var client = new RawClient(server.port())) {
            var answer = client.request("/echo", "Upgrade: " + spelling, CONNECTION, RawClient.VERSION, RawClient.KEY);
            assertThat(answer).startsWith("HTTP/1.1 101 ")
                    .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            client.sendText("hello");
            assertThat(client.read()).isEqualTo(RawClient.Frame.text("hello"));
        }
    }

    @Test
    void otherSubprotocolsAndExtensionsAreDeclined() throws IOException {
        try (var client = new RawClient(server.port())) {
            var answer = client.request("/echo", UPGRADE, CONNECTION, RawClient.VERSION, RawClient.KEY,
                    "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: permessage-deflate");
            assertThat(answer).startsWith("HTTP/1.1 101 ").doesNotContain("Protocol:", "Extensions:");
        }
    }

    @Test
    void ourSubprotocolIsSelectedAndTheTokenIsNotEchoed() throws IOException {
        try (var client = new RawClient(server.port())) {
            var answer = client.request("/echo", UPGRADE, CONNECTION, RawClient.VERSION, RawClient.KEY,
                    "Sec-WebSocket-Protocol: rejoin.token.abc, rejoin.v1");
            assertThat(answer).startsWith("HTTP/1.1 101 ").contains("\r\nSec-WebSocket-Protocol: rejoin.v1\r\n")
                    .doesNotContain("abc");
        }
    }

    @Test
    void framesMayComeWithTheHandshake() throws IOException {
        try (var client = new RawClient(server.port())) {
            var together = new ByteArrayOutputStream();
            together.writeBytes(String.join("\r\n", "GET /echo HTTP/1.1", "Host: localhost", UPGRADE, CONNECTION,
                    RawClient.VERSION, RawClient.KEY, "", "").getBytes(ISO_8859_1));
            together.writeBytes(RawClient.masked(0x81, "early".getBytes(UTF_8)));
            client.send(together.toByteArray());
            assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            assertThat(client.read()).isEqualTo(RawClient.Frame.text("early"));
        }
    }

    @Test
    void thePathIsDecoded() throws IOException {
        try (var client = RawClient.open(server.port(), "/ws/caf%C3%A9%20room?x=1")) {
            client.closeWith(1000);
            assertThat(recorder.callsAtEnd()).containsExactly("open", "closed");
        }
    }

    @Test
    void refusalsAreHttp() throws IOException {
        assertThat(answer("/", RawClient.VERSION, RawClient.KEY)).startsWith("HTTP/1.1 401 Unauthorized\r\n")
                .contains("\r\nWWW-Authenticate: Bearer\r\n", "\r\nAccess-Control-Allow-Origin: *\r\n")
                .endsWith("\r\n\r\n{\"code\":\"invalid_token\",\"message\":\"a token is needed\"}");
        assertThat(answer("/?token=%22x+y%22", RawClient.VERSION, RawClient.KEY))
                .startsWith("HTTP/1.1 403 Forbidden\r\n")
                .endsWith("{\"code\":\"forbidden\",\"message\":\"not <\\\"x y\\\">\"}");
    }

    @Test
    void anInvalidHandshakeIsAnsweredInHttp() throws IOException {
        assertThat(answer("/echo", "Sec-WebSocket-Version: 12", RawClient.KEY)).startsWith("HTTP/1.1 426 ")
                .contains("\r\nSec-WebSocket-Version: 13\r\n");
        assertThat(answer("/echo", RawClient.VERSION, "Sec-WebSocket-Key: short")).startsWith("HTTP/1.1 400 ");
        assertThat(answer("/echo?a=%zz", RawClient.VERSION, RawClient.KEY)).startsWith("HTTP/1.1 400 ");
        assertThat(answer("/echo/%C3", RawClient.VERSION, RawClient.KEY)).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void aRequestWithoutAnUpgradeGoesToTheSite() throws IOException {
        try (var client = new RawClient(server.port())) {
            assertThat(client.request("/echo", "Connection: close")).startsWith("HTTP/1.1 404 ");
        }
    }

    @Test
    void aClientThatDisconnectsBeforeTheAnswerIsReportedAsClosed() throws IOException {
        try (var client = new RawClient(server.port())) {
            onAccept.complete(() -> reset(client));
            client.send(String.join("\r\n", "GET /late HTTP/1.1", "Host: localhost", UPGRADE, CONNECTION,
                    RawClient.VERSION, RawClient.KEY, "", "").getBytes(ISO_8859_1));
            assertThat(recorder.callsAtEnd()).endsWith("closed").containsOnlyOnce("closed");
        }
    }

    private String answer(String target, String version, String key) throws IOException {
        try (var client = new RawClient(server.port())) {
            return client.request(target, UPGRADE, CONNECTION, version, key) + client.readRemaining();
        }
    }

    private static void reset(RawClient client) {
        try {
            client.reset();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
