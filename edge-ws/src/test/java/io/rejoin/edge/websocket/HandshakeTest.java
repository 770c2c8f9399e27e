package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.listener.http.RequestRefused;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    HandshakeTest() {
        headers.put("Connection", List.of("keep-alive, Upgrade"));
        headers.put("Sec-WebSocket-Version", List.of("13"));
        headers.put("Sec-WebSocket-Key", List.of(KEY));
    }

    @Test
    void theExampleOfTheRfcGetsTheAnswerOfTheRfc() throws RequestRefused {
        var answer = new String(Handshake.accepted(check("GET"), null), UTF_8);
        assertThat(answer).startsWith("HTTP/1.1 101 ").endsWith("\r\n\r\n")
                .contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n").doesNotContain("Protocol:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQAA", "dGhlIHNhbXBsZSBub25j!Q==",
            "c2hvcnQ="})
    void aKeyThatIsNot16BytesIsRefused(String key) {
        headers.put("Sec-WebSocket-Key", List.of(key));
        assertRefused(400);
    }

    @Test
    void missingAndRepeatedKeysAreRefused() {
        headers.put("Sec-WebSocket-Key", List.of(KEY, KEY));
        assertRefused(400);
        headers.remove("Sec-WebSocket-Key");
        assertRefused(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8", "12", "14", "13, 8", ""})
    void anotherVersionIsRefusedWithTheSupportedOne(String version) {
        headers.put("Sec-WebSocket-Version", List.of(version));
        assertThat(assertRefused(426).headers()).containsEntry("Sec-WebSocket-Version", "13");
    }

    @Test
    void aRequestThatDoesNotAskToUpgradeIsRefused() {
        headers.put("Connection", List.of("keep-alive", "upgraded"));
        assertRefused(400);
        assertThatThrownBy(() -> check("POST")).isInstanceOf(RequestRefused.class);
    }

    @Test
    void ofTheOfferedSubprotocolsOursIsSelected() throws RequestRefused {
        headers.put("Sec-WebSocket-Protocol", List.of("chat, rejoin.v1", "rejoin.token.abc"));
        assertThat(Handshake.subprotocol(request("/", ""))).isEqualTo("rejoin.v1");
        assertThat(request("/", "").subprotocolToken()).isEqualTo("abc");
        assertThat(new String(Handshake.accepted(KEY, "rejoin.v1"), UTF_8))
                .contains("\r\nSec-WebSocket-Protocol: rejoin.v1\r\n").doesNotContain("abc");
        headers.put("Sec-WebSocket-Protocol", List.of("chat"));
        assertThat(Handshake.subprotocol(request("/", ""))).isNull();
        headers.remove("Sec-WebSocket-Protocol");
        assertThat(Handshake.subprotocol(request("/", ""))).isNull();
        assertThat(request("/", "").subprotocolToken()).isNull();
    }

    @Test
    void aTokenWithoutOurSubprotocolAndTwoTokensAreRefused() throws RequestRefused {
        headers.put("Sec-WebSocket-Protocol", List.of("rejoin.token.abc"));
        assertThatThrownBy(() -> Handshake.subprotocol(request("/", ""))).hasMessageContaining("rejoin.v1")
                .hasMessageNotContaining("abc");
        headers.put("Sec-WebSocket-Protocol", List.of("rejoin.v1, rejoin.token.abc", "rejoin.token.def"));
        assertThatThrownBy(() -> request("/", "").subprotocolToken()).isInstanceOf(RequestRefused.class);
    }

    @ParameterizedTest
    @CsvSource({"/ws/caf%C3%A9%20a+b,/ws/café a+b", "/ws/a%2Fb,/ws/a/b", "/,/", "/ws/,/ws", "//ws///a/,/ws/a",
            "/ws/a%2F,/ws/a/", "/ws/%2F%2Fa,/ws///a", "'/ws/a|\"{}^`[]<>\\','/ws/a|\"{}^`[]<>\\'", "//,/",
            "/%77s/a,/ws/a"})
    void aPathIsDecoded(String raw, String path) throws RequestRefused {
        assertThat(request(raw, "").path()).isEqualTo(path);
    }

    @Test
    void parametersAreDecoded() throws RequestRefused {
        var request = request("/", "room=a+b%26c&room=a%20b%26c&&na%6De=%E2%82%AC&flag&x=1=2&raw=\u00c3\u00a9|'{}");
        assertThat(request.query("room")).isEqualTo("a b&c");
        assertThat(request.query("name")).isEqualTo("€");
        assertThat(request.query("flag")).isEmpty();
        assertThat(request.query("x")).isEqualTo("1=2");
        assertThat(request.query("raw")).isEqualTo("é|'{}");
        assertThat(request.query("none")).isNull();
    }

    @Test
    void aParameterWithTwoValuesIsRefusedAndNamed() throws RequestRefused {
        var request = request("/", "room=a&name=x&room=b&other=1&other=2");
        assertThatThrownBy(() -> request.query("room")).hasMessageContaining("room")
                .isInstanceOfSatisfying(RequestRefused.class,
                        e -> assertThat(e.code()).isEqualTo(RefusalCode.BAD_REQUEST));
        assertThat(request.query("name")).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%4", "%zz", "%-1", "%C3", "%ED%A0%80", "é"})
    void malformedEncodingIsRefused(String malformed) {
        assertThatThrownBy(() -> request("/" + malformed, ""))
                .isInstanceOfSatisfying(RequestRefused.class,
                        e -> assertThat(e.code()).isEqualTo(RefusalCode.BAD_REQUEST));
        assertThatThrownBy(() -> request("/", "a=" + malformed))
                .isInstanceOfSatisfying(RequestRefused.class,
                        e -> assertThat(e.code()).isEqualTo(RefusalCode.BAD_REQUEST));
    }

    private UpgradeRequest request(String path, String query) throws RequestRefused {
        return new UpgradeRequest(path, query, name -> headers.getOrDefault(name, List.of()));
    }

    private String check(String method) throws RequestRefused {
        return Handshake.check(method, request("/", ""));
    }

    private RequestRefused assertRefused(int status) {
        try {
            check("GET");
        } catch (RequestRefused refusal) {
            assertThat(refusal.code().status()).isEqualTo(status);
            return refusal;
        }
        throw new AssertionError("not refused: " + headers);
    }
}
