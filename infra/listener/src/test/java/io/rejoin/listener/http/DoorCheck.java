package io.rejoin.listener.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;

/** Checks that a service's port handles what browsers, probes and proxies send. */
public final class DoorCheck {
    private static final String HOST = "Host: service_1.internal:8080\r\n";
    private static final String END = "\r\n\r\n";

    private final int port;
    private final String path;

    /** @param path the path of a page whose answer never changes */
    public DoorCheck(int port, String path) {
        this.port = port;
        this.path = path;
    }

    /** Runs all checks. */
    public void run() throws IOException {
        onePageIsAnsweredInAllForms();
        http10KeepsAConnectionOnlyIfAskedTo();
        refusalsSayWhy();
        whoeverGoesInTheMiddleCostsNothing();
    }

    private void onePageIsAnsweredInAllForms() throws IOException {
        var plain = Wire.ask(port, "GET " + path + " HTTP/1.1\r\n" + HOST + "\r\n");
        assertThat(plain.body()).isNotEmpty();
        for (var target : List.of(path, path + "/", "/" + path, path + "?from=probe&x", "http://other:1" + path,
                "HTTP://service_1" + path)) {
            var get = Wire.ask(port, "GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n");
            var head = Wire.ask(port, "HEAD " + target + " HTTP/1.1\r\n" + HOST + "\r\n");
            var old = Wire.ask(port, "GET " + target + " HTTP/1.0" + END);
            assertThat(List.of(get.status(), head.status(), old.status())).as(target).containsOnly(plain.status());
            assertThat(List.of(get.body(), old.body())).as(target).containsOnly(plain.body());
            assertThat(head.headers().get("Content-Length")).as(target)
                    .isEqualTo(plain.headers().get("Content-Length"));
            assertThat(old.isLast()).as(target).isTrue();
        }
    }

    private void http10KeepsAConnectionOnlyIfAskedTo() throws IOException {
        try (var wire = new Wire(port)) {
            wire.send("GET " + path + " HTTP/1.0\r\nConnection: Keep-Alive" + END);
            assertThat(wire.answer(false).headers()).containsEntry("Connection", "keep-alive");
            wire.send("OPTIONS * HTTP/1.1\r\n" + HOST + "\r\nGET " + path + " HTTP/1.0" + END);
            assertThat(wire.answer(false).status()).isIn(204, 405);
            assertThat(wire.answer(false).isLast()).isTrue();
            assertThat(wire.isAtEnd()).isTrue();
        }
    }

    private void refusalsSayWhy() throws IOException {
        assertThat(refusal("GET /none HTTP/1.1\r\n" + HOST)).isEqualTo("404 not_found");
        assertThat(refusal("GET /none HTTP/1.0\r\n")).isEqualTo("404 not_found");
        assertThat(refusal("PUT " + path + " HTTP/1.1\r\n" + HOST + "Content-Length: 2\r\n\r\nhi"))
                .isEqualTo("405 method_not_allowed");
        assertThat(refusal("GET " + path + " HTTP/2.0\r\n" + HOST)).isEqualTo("505 version_not_supported");
        assertThat(refusal("GET " + path + " HTTP/1.1\r\n")).isEqualTo("400 bad_request");
        assertThat(refusal("GET /%zz HTTP/1.1\r\n" + HOST)).isEqualTo("400 bad_request");
        assertThat(refusal("GET " + path + " HTTP/1.1\r\n" + HOST + "Content-Length: 5\u000b\r\n"))
                .isEqualTo("400 bad_request");
        assertThat(
                refusal("GET " + path + " HTTP/1.1\r\n" + HOST + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"))
                .isEqualTo("400 bad_request");
        assertThat(refusal("GET http://x/\u00d1\u0085 HTTP/1.1\r\n" + HOST)).isEqualTo("404 not_found");
        assertThat(refusal("GET /" + "x".repeat(17 * 1024) + " HTTP/1.1\r\n" + HOST)).isEqualTo("414 uri_too_long");
        assertThat(refusal("GET /" + "/a".repeat(8_000) + ".js HTTP/1.1\r\n" + HOST)).isEqualTo("404 not_found");
        assertThat(refusal("GET " + path + " HTTP/1.1\r\n" + HOST + "X: " + "x".repeat(33 * 1024)))
                .isEqualTo("431 headers_too_large");
        assertThat(refusal("\u0016\u0003\u0001\u0002\u0000\u0001\n")).isEqualTo("400 bad_request");
    }

    private String refusal(String request) throws IOException {
        var answer = Wire.ask(port, request + "\r\n");
        return answer.status() + " " + answer.code();
    }

    private void whoeverGoesInTheMiddleCostsNothing() throws IOException {
        for (var beginning : List.of("", "G", "GET " + path + " HTTP/1.1\r\nHost: x")) {
            try (var wire = new Wire(port)) {
                wire.send(beginning);
                wire.finish();
                assertThat(wire.isAtEnd()).as(beginning).isTrue();
            }
        }
    }
}
