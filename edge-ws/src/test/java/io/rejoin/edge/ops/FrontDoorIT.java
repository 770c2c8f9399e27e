package io.rejoin.edge.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.edge.metrics.SocketMeters;
import io.rejoin.edge.websocket.FrameMemory;
import io.rejoin.edge.websocket.Rates;
import io.rejoin.edge.websocket.UpgradeRequest;
import io.rejoin.edge.websocket.Upgrader;
import io.rejoin.edge.websocket.WebSocketLimits;
import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.DoorCheck;
import io.rejoin.listener.http.Http;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.listener.http.Wire;
import io.rejoin.resilience.Dependency;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the requests of browsers, probes and proxies, byte by byte, over real sockets. */
class FrontDoorIT {
    private static final String HOST = "Host: edge_1.internal:8080\r\n";
    private static final String END = "\r\n\r\n";

    /** The last WebSocket request that was checked. */
    private static final AtomicReference<@Nullable UpgradeRequest> LAST_CHECKED = new AtomicReference<>();
    private static Listener server;

    @BeforeAll
    static void start() throws IOException {
        var health = new EdgeHealth(() -> 0, () -> false, () -> true,
                new EdgeHealth.RequiredDependencies(Dependency.reliable("kafka", () -> null, 0),
                        Dependency.reliable("routers", () -> null, 0), () -> false),
                List.of(Dependency.reliable("history", () -> null, 0)), System::nanoTime, Clock.systemUTC());
        var upgrader = new Upgrader(request -> {
            admit(request);
            throw new IllegalStateException("a fault");
        }, WebSocketLimits.of(1024, 64 * 1024, Rates.of(1000, 1_000_000), new FrameMemory(1 << 20)),
                new SocketMeters(new SimpleMeterRegistry()));
        server = new Listener("127.0.0.1", 0,
                new Listener.Limits(new ConnectionBudget(0, 100), Deadlines.USUAL, Duration.ofSeconds(1)),
                new Http(new ClientPortSite(health, FrontDoorIT::admit), upgrader), fatal -> {
                    throw new IllegalStateException(fatal);
                });
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void admit(UpgradeRequest request) throws RequestRefused {
        LAST_CHECKED.set(request);
        if ("no".equals(request.query("token"))) throw new RequestRefused(RefusalCode.INVALID_TOKEN, "no");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/health/live", "/health/ready", "/", "/client/rejoin.js", "/health/",
            "//health",
            "/%68ealth/live", "/health/ready?from=probe&x", "/demo/demo.css", "/client/rejoin.d.ts",
            "/client/integrity.json", "http://edge:1/health", "HTTP://edge_1/", "/health#top"})
    void everyResourceIsThereInHttp10AndByHead(String target) throws IOException {
        var get = ask("GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n");
        var head = ask("HEAD " + target + " HTTP/1.1\r\n" + HOST + "\r\n");
        var old = ask("GET " + target + " HTTP/1.0" + END);

        assertThat(List.of(get.status(), head.status(), old.status())).containsOnly(200);
        assertThat(get.body()).isNotEmpty();
        assertThat(head.headers().get("Content-Length")).isEqualTo(get.headers().get("Content-Length"));
        assertThat(head.headers().keySet()).isEqualTo(get.headers().keySet());
        assertThat(old.isLast()).isTrue();
        assertThat(get.isLast()).isFalse();
    }

    @Test
    void thePortPassesTheCommonChecks() throws IOException {
        new DoorCheck(server.port(), "/health/live").run();
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrder() throws IOException {
        try (var wire = new Wire(server.port())) {
            wire.send("\r\nGET /none HTTP/1.1\r\n" + HOST + "\r\nHEAD / HTTP/1.1\r\n" + HOST
                    + "\r\nGET /health/live HTTP/1.1\r\n" + HOST + "\r\n\r\nOPTIONS * HTTP/1.1\nHost:\n\n"
                    + "GET /ws HTTP/1.1\r\n" + HOST + "Connection: close" + END + "GET / HTTP/1.1\r\n");
            assertThat(wire.answer(false).code()).isEqualTo("not_found");
            assertThat(wire.answer(true).headers().get("Content-Type")).startsWith("text/html");
            assertThat(wire.answer(false).body()).isEqualTo("{\"live\":true}");
            assertThat(wire.answer(false).status()).isEqualTo(204);
            var last = wire.answer(false);
            assertThat(last.code()).isEqualTo("upgrade_required");
            assertThat(last.isLast()).isTrue();
            assertThat(wire.isAtEnd()).isTrue();
        }
    }

    @Test
    void aRequestMayComeByteByByte() throws IOException {
        try (var wire = new Wire(server.port())) {
            for (var c : ("GET /health/live HTTP/1.1\r\n" + HOST + "\r\n").toCharArray()) wire.send(String.valueOf(c));
            assertThat(wire.answer(false).status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', quoteCharacter = '~', value = {"/ws/a|b a|b", "/ws/\"'{}^` \"'{}^`", "/ws/[a] [a]",
            "/ws/\u00c3\u00a9 é", "/ws/a%2Fb/ a/b", "/ws?room=a|\"'{}^[] a|\"'{}^[]", "/?room=\u00c3\u00a9 é",
            "ws://x/ws/a a", "http://[::1]:80?room=a a"})
    void unencodedCharactersInUrlsAreAccepted(String target, String room) throws Exception {
        var answer = ask("GET " + target + " HTTP/1.1\r\n" + HOST + "Accept: application/json" + END);
        var checked = Objects.requireNonNull(LAST_CHECKED.get());

        assertThat(answer.code()).isEqualTo("upgrade_required");
        var path = checked.path();
        assertThat(path.startsWith("/ws/") ? path.substring(4) : checked.query("room")).isEqualTo(room);
    }

    @Test
    void longTokensAreAccepted() throws IOException {
        var inQuery = "t".repeat(8 * 1024);
        assertThat(ask("GET /ws?token=" + inQuery + " HTTP/1.1\r\n" + HOST + "\r\n").code())
                .isEqualTo("upgrade_required");
        assertThat(ask("GET /ws HTTP/1.1\r\n" + HOST + "Authorization: Bearer " + "t".repeat(16 * 1024) + "\r\nCookie: "
                + "c".repeat(8 * 1024) + END).code()).isEqualTo("upgrade_required");
        assertThat(ask("GET /ws?token=" + inQuery + inQuery + " HTTP/1.1\r\n" + HOST + "\r\n").code())
                .isEqualTo("uri_too_long");
        assertThat(ask("GET /ws HTTP/1.1\r\n" + HOST + "Authorization: Bearer " + "t".repeat(40 * 1024) + END).code())
                .isEqualTo("headers_too_large");
        assertThat(ask("GET /ws HTTP/1.1\r\n" + HOST + "a: b\r\n".repeat(200) + "\r\n").code())
                .isEqualTo("headers_too_large");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"GET / HTTP/2.0\\r\\n;505;version_not_supported",
            "PRI * HTTP/2.0\\r\\n;505;version_not_supported", "GET / HTTP/0.9\\r\\n;505;version_not_supported",
            "GET /\\r\\n;400;bad_request", "GET  / HTTP/1.1\\r\\nHost: a\\r\\n;400;bad_request",
            "GET / http/1.1\\r\\nHost: a\\r\\n;400;bad_request",
            "GET health HTTP/1.1\\r\\nHost: a\\r\\n;400;bad_request",
            "GET http:///x HTTP/1.1\\r\\n;400;bad_request", "GET / HTTP/1.1\\r\\n;400;bad_request",
            "GET / HTTP/1.1\\r\\nHost: a\\r\\nHost: a\\r\\n;400;bad_request",
            "GET / HTTP/1.1\\r\\nHost: a b\\r\\n;400;bad_request",
            "GET / HTTP/1.1\\r\\nHost: a:b\\r\\n;400;bad_request",
            "GET / HTTP/1.1\\r\\nHost: [::1\\r\\n;400;bad_request",
            "GET / HTTP/1.1\\r\\nHost : a\\r\\n;400;bad_request",
            "GET / HTTP/1.1\\r\\nHost: a\\r\\n folded: b\\r\\n;400;bad_request",
            "GET / HTTP/1.1\\r\\nHost: a\\r\\nno colon\\r\\n;400;bad_request",
            "GET / HTTP/1.1\\r\\nHost: a\\r\\nX: \\1\\r\\n;400;bad_request",
            "GET / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: -1\\r\\n;400;bad_request",
            "GET / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 1\\r\\nContent-Length: 2\\r\\n;400;bad_request",
            "GET / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 1\\r\\nTransfer-Encoding: chunked\\r\\n;400;bad_request",
            "GET / HTTP/1.0\\r\\nTransfer-Encoding: chunked\\r\\n;400;bad_request",
            "\\r\\n\\r\\n\\r\\n\\r\\n\\r\\n;400;bad_request",
            "GET /ws/%zz HTTP/1.0\\r\\n;400;bad_request", "GET /%ff HTTP/1.0\\r\\n;400;bad_request",
            "\\26\\3\\1\\r\\n;400;bad_request", "GET /%00 HTTP/1.0\\r\\n;404;not_found",
            "GET /client HTTP/1.0\\r\\n;404;not_found", "GET /client/none.js HTTP/1.0\\r\\n;404;not_found",
            "GET /client/../client/rejoin.js HTTP/1.0\\r\\n;404;not_found",
            "GET /%2e%2e/logback.xml HTTP/1.0\\r\\n;404;not_found", "GET /ws%3Fa HTTP/1.0\\r\\n;404;not_found",
            "get / HTTP/1.0\\r\\n;405;method_not_allowed", "CONNECT / HTTP/1.0\\r\\n;405;method_not_allowed",
            "POST /ws HTTP/1.0\\r\\nContent-Length: 3\\r\\n;405;method_not_allowed",
            "GET /ws?token=no HTTP/1.0\\r\\n;401;invalid_token",
            "GET / HTTP/1.0\\r\\nUpgrade: websocket\\r\\n;426;upgrade_required"})
    void everyRefusalSaysWhyInJson(String lines, int status, String code) throws IOException {
        var answer = ask(lines.translateEscapes() + "\r\n");

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.headers()).containsEntry("Access-Control-Allow-Origin", "*").containsKey("Date");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a_b", "a:80", "a:", "127.0.0.1:1", "[::1]", "[::1]:80", "[fe80::1%25eth0]:8080", "",
            "xn--bcher-kva.example", "a.b-c_d.svc.cluster.local:8080", "b\u00fccher.example"})
    void aHostNeedNotBeADnsName(String host) throws IOException {
        assertThat(ask("GET /health HTTP/1.1\r\nHost: " + host + END).status()).isEqualTo(200);
    }

    @Test
    void aRequestWithABodyIsAnsweredAndTheConnectionIsClosed() throws IOException {
        for (var announced : List.of("Content-Length: 300000", "Transfer-Encoding: chunked",
                "Content-Length: 3\r\nExpect: 100-continue")) {
            try (var wire = new Wire(server.port())) {
                wire.send("POST /health HTTP/1.1\r\n" + HOST + announced + END + "x".repeat(100_000));
                var answer = wire.answer(false);
                assertThat(answer.code()).isEqualTo("method_not_allowed");
                assertThat(answer.headers()).containsEntry("Allow", "GET, HEAD, OPTIONS");
                assertThat(answer.isLast()).isTrue();
                wire.finish();
                assertThat(wire.isAtEnd()).isTrue();
            }
        }
    }

    @Test
    void theClientCanBeImportedByAnyPageAndIsRevalidated() throws IOException {
        var script = ask("GET /client/rejoin.js HTTP/1.1\r\n" + HOST + "Origin: https://a.example" + END);
        assertThat(script.headers()).containsEntry("Content-Type", "text/javascript; charset=utf-8")
                .containsEntry("Access-Control-Allow-Origin", "*").containsEntry("Cache-Control", "no-cache")
                .containsEntry("Cross-Origin-Resource-Policy", "cross-origin");
        var tag = script.headers().get("ETag");
        for (var tags : List.of(tag, "W/" + tag, "\"x\", " + tag, "*")) {
            var same = ask("GET /client/rejoin.js HTTP/1.1\r\n" + HOST + "If-None-Match: " + tags + END);
            assertThat(same.status()).isEqualTo(304);
            assertThat(same.headers()).containsEntry("ETag", tag).doesNotContainKey("Content-Length");
        }
        assertThat(ask("GET /client/rejoin.js HTTP/1.1\r\n" + HOST + "If-None-Match: \"other\"" + END).status())
                .isEqualTo(200);
        assertThat(ask("GET / HTTP/1.0" + END).headers()).doesNotContainKey("Access-Control-Allow-Origin");
    }

    @Test
    void aPreflightIsAnsweredAndEveryModuleHasAHash() throws IOException {
        var preflight = ask("OPTIONS /ws/a HTTP/1.1\r\n" + HOST + "Origin: https://a.example\r\n"
                + "Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: authorization" + END);
        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.headers()).containsEntry("Access-Control-Allow-Origin", "*")
                .containsEntry("Access-Control-Allow-Headers", "Authorization, *");
        var integrity = ask("GET /client/integrity.json HTTP/1.0" + END).body();
        assertThat(integrity).contains("\"/client/rejoin.js\":\"sha384-", "\"/client/room.js\":\"sha384-",
                "\"/client/outbox.js\":\"sha384-");
    }

    @Test
    void aFaultIsAnsweredWithoutItsDetails() throws IOException {
        var answer = ask(
                "GET /ws?token=secret HTTP/1.1\r\n" + HOST + "Upgrade: h2c, WebSocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" + END);

        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.code()).isEqualTo("internal_error");
        assertThat(answer.body()).doesNotContain("a fault", "secret");
    }

    @Test
    void anOfferOfHttp2IsAnsweredInHttp1() throws IOException {
        assertThat(ask("GET /health HTTP/1.1\r\n" + HOST
                + "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__" + END)
                .status())
                .isEqualTo(200);
    }

    private static Wire.Answer ask(String request) throws IOException {
        return Wire.ask(server.port(), request);
    }
}
