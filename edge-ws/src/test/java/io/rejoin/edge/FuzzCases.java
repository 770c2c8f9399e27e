package io.rejoin.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * Generates fuzz cases for the port for clients: requests from a grammar of real ones, with faults on every level. The
 * same seed gives the same cases.
 */
public final class FuzzCases {
    private static final List<String> METHODS = List.of("GET", "GET", "GET", "GET", "GET", "GET", "HEAD", "OPTIONS");
    private static final List<String> ODD_METHODS = List.of("POST", "PUT", "DELETE", "CONNECT", "TRACE", "PATCH", "get",
            "G E T", "", "PRI", "\u00e9", "GET\t", "A".repeat(300));
    private static final List<String> PATHS = List.of("/", "/ws", "/ws/", "/ws/lobby", "/ws/lobby/", "/ws/secret",
            "/health",
            "/health/live", "/health/ready", "/client/rejoin.js", "/client/rejoin.d.ts", "/client/integrity.json",
            "/demo/demo.css", "/wrong", "//ws//lobby", "/ws/caf%C3%A9", "/ws/caf\u00c3\u00a9", "/ws/@me", "/ws/@ben",
            "/ws/a|b\"'{}^`[]", "/ws/%2e%2e/x", "/../../etc/passwd", "/..%2f..%2fx", "/client/", "/client",
            "/ws/" + "r".repeat(300), "/favicon.ico", "/index.html", "/ws/%00", "/ws/%E2%80%AE", "/health;x=1");
    private static final List<String> AUTHORITIES = List.of("localhost", "edge_1:8080", "127.0.0.1:80", "[::1]:8080");
    private static final List<String> ODD_AUTHORITIES = List.of("", "a b", "a:b", "x@y", "[::1", "a,b",
            "\u00fc.example",
            "a".repeat(1000));
    private static final List<String> NAMES = List.of("token", "name", "room", "after", "last", "epoch", "direct", "x",
            "",
            "%72oom", "r%zz");
    private static final List<String> VALUES = List.of("", "lobby", "secret", "ann", "1", "-1", "1.5", "cursor", "on",
            "off",
            "a+b%20c", "%", "%C3", "\u00e9", "\u00c3\u00a9", "99999999999999999999", "@ann", "%00", "a=b",
            "|\"'{}^`[]<>\\",
            "v".repeat(3000));
    private static final List<String> VERSIONS = List.of("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0");
    private static final List<String> ODD_VERSIONS = List.of("HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.",
            "HTTP/11", "", "HTTPS/1.1",
            "HTTP/1.1 ");
    private static final List<String> ODD_ENDS = List.of("\n", "\r", "\n\r", "\r\n\r\n", "");
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final List<String> HANDSHAKE = List.of("Upgrade: websocket", "Connection: keep-alive, Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + KEY);
    private static final List<String> HANDSHAKE_FAULTS = List.of("Upgrade: WebSocket, h2c", "Upgrade: h2c",
            "Connection: close", "Connection: upgrade", "Sec-WebSocket-Version: 8", "Sec-WebSocket-Version: 13, 8",
            "Sec-WebSocket-Key: short", "Sec-WebSocket-Key: " + KEY, "Sec-WebSocket-Protocol: rejoin.v1",
            "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: ,,rejoin.v1, chat", "Sec-WebSocket-Protocol:",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", "Content-Length: 4",
            "Upgrade:", "Upgrade: websocket/13");
    private static final List<String> HEADERS = List.of("Accept: application/json",
            "Accept: text/html,application/json",
            "Accept: */*", "Origin: https://app.example", "Origin: https://evil.example", "Origin: null",
            "If-None-Match: *", "If-None-Match: \"x\", W/\"y\"", "Content-Length: 0", "Connection: close",
            "Connection: keep-alive", "Range: bytes=0-10", "X-Forwarded-For: 1.2.3.4", "TE: trailers",
            "HTTP2-Settings: AAMAAABkAAQ", "Upgrade: h2c", "X:", "X: \u00ff\u00fe", "Authorization: Basic eA==",
            "Cookie: " + "c".repeat(6000), "Access-Control-Request-Method: GET");
    private static final List<String> ODD_HEADERS = List.of("Content-Length: 5",
            "Content-Length: 999999", "Content-Length: -1", "Content-Length: +5", "Content-Length: 5, 5",
            "Content-Length: 99999999999999999999", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
            "Expect: 100-continue", "Connection: close", "Connection: keep-alive", "Connection: ,,,",
            "Range: bytes=0-10",
            "X-Forwarded-For: 1.2.3.4", " folded: line", "\tfolded", "no colon", ": no name", "Sp ace: x", "X:\u0000",
            "X: \u007f", "X: \u00ff\u00fe", "X:", "TE: trailers", "HTTP2-Settings: AAMAAABkAAQ",
            "Authorization: Basic eA==",
            "Authorization: Bearer", "Authorization: Bearer x", "Cookie: " + "c".repeat(6000),
            "X: " + "y".repeat(33_000), "Access-Control-Request-Method: GET", "Host: second");

    private final RandomGenerator random;
    private final List<String> tokens;
    /** In the present case, one choice in this many is a faulty one. */
    private int faultRarity = 1;

    /** @param tokens valid, restricted and invalid tokens; each request uses random ones of them */
    public FuzzCases(RandomGenerator random, List<String> tokens) {
        this.random = random;
        this.tokens = List.copyOf(tokens);
    }

    /**
     * The bytes that a client sends on one connection.
     *
     * @param writes   the parts, each sent in its own write; a character is a byte
     * @param resets whether the client then resets the connection without reading the answers
     */
    public record FuzzCase(List<String> writes, boolean resets) {
        public FuzzCase {
            writes = List.copyOf(writes);
        }

        public String bytes() {
            return String.join("", writes);
        }
    }

    public FuzzCase next() {
        faultRarity = pick(List.of(4, 30, Integer.MAX_VALUE)); // many faults, about one, or none
        var bytes = new StringBuilder();
        for (var requests = 1 + (oneIn(4) ? random.nextInt(4) : 0); requests > 0; requests--) bytes.append(request());
        if (faultRarity < 100 && oneIn(4)) mutate(bytes);
        if (faultRarity < 100 && oneIn(6) && !bytes.isEmpty()) bytes.setLength(random.nextInt(bytes.length()));
        return new FuzzCase(split(bytes.toString()), oneIn(25));
    }

    private String request() {
        var version = pick(VERSIONS, ODD_VERSIONS);
        var lines = new ArrayList<String>();
        if (!oneIn(faultRarity)) lines.add("Host: " + pick(AUTHORITIES, ODD_AUTHORITIES));
        if (oneIn(2)) handshake(lines);
        for (var count = random.nextInt(4); count > 0; count--) lines.add(pick(HEADERS, ODD_HEADERS));
        if (oneIn(3)) lines.add("Authorization: Bearer " + pick(tokens));
        if (oneIn(faultRarity) && oneIn(20)) lines.addAll(Collections.nCopies(150, "A: b"));
        if (oneIn(10)) Collections.shuffle(lines, new Random(random.nextLong()));
        var request = new StringBuilder(oneIn(30) ? "\r\n" : "").append(pick(METHODS, ODD_METHODS)).append(' ')
                .append(target())
                .append(version.isEmpty() ? "" : " " + version).append(end());
        lines.forEach(line -> request.append(line).append(end()));
        return request.append(oneIn(faultRarity) ? "" : end()).append(oneIn(faultRarity) ? body() : "").toString();
    }

    /** The end of a line, sometimes a faulty one. */
    private String end() {
        return oneIn(faultRarity) && oneIn(4) ? pick(ODD_ENDS) : "\r\n";
    }

    private void handshake(List<String> lines) {
        lines.addAll(HANDSHAKE);
        if (oneIn(faultRarity)) lines.set(random.nextInt(lines.size()), pick(HANDSHAKE_FAULTS));
        if (oneIn(faultRarity)) lines.add(pick(HANDSHAKE_FAULTS));
        if (oneIn(5)) lines.add("Sec-WebSocket-Protocol: rejoin.v1, rejoin.token." + pick(tokens));
        if (oneIn(faultRarity)) lines.remove(random.nextInt(lines.size()));
    }

    private String target() {
        var target = new StringBuilder();
        if (oneIn(15))
            target.append(pick(List.of("http://", "https://", "ws://", "HTTP://", "ftp://")))
                    .append(pick(AUTHORITIES, ODD_AUTHORITIES));
        target.append(oneIn(faultRarity) ? pick(List.of("*", "", "localhost:80", "?", "x")) : pick(PATHS));
        if (oneIn(2)) target.append(query());
        if (oneIn(40)) target.append("#fragment");
        if (oneIn(faultRarity)) target.append(raw(1 + random.nextInt(20)));
        if (oneIn(100)) target.append("t".repeat(8_000 + random.nextInt(20_000)));
        return target.toString();
    }

    private String query() {
        var query = new StringBuilder("?");
        if (oneIn(2)) query.append("token=").append(pick(tokens)).append('&');
        for (var count = random.nextInt(4); count > 0; count--)
            query.append(pick(NAMES)).append(oneIn(faultRarity) ? "" : "=").append(pick(VALUES))
                    .append(oneIn(10) ? "&&" : "&");
        return query.toString();
    }

    private String body() {
        return oneIn(3) ? "5\r\nhello\r\n0\r\n\r\n" : raw(random.nextInt(oneIn(5) ? 60_000 : 100));
    }

    private String raw(int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return new String(bytes, ISO_8859_1);
    }

    /** Changes, drops, inserts or repeats a few bytes. */
    private void mutate(StringBuilder bytes) {
        for (var count = 1 + random.nextInt(5); count > 0 && !bytes.isEmpty(); count--) {
            var at = random.nextInt(bytes.length());
            switch (random.nextInt(5)) {
                case 0 -> bytes.setCharAt(at, (char) random.nextInt(256));
                case 1 -> bytes.deleteCharAt(at);
                case 2 -> bytes.insert(at,
                        pick(List.of("\r", "\n", "\u0000", " ", ":", "%", "\t", "\r\n\r\n", "\u00c3\u00a9")));
                case 3 -> bytes.insert(at, bytes.substring(at, Math.min(bytes.length(), at + random.nextInt(40))));
                default -> bytes.setCharAt(at, (char) (bytes.charAt(at) ^ 1 << random.nextInt(8)));
            }
        }
    }

    private List<String> split(String bytes) {
        var writes = new ArrayList<String>();
        var from = 0;
        for (var cuts = oneIn(3) ? random.nextInt(6) : 0; cuts > 0 && from < bytes.length(); cuts--) {
            var to = from + random.nextInt(bytes.length() - from + 1);
            writes.add(bytes.substring(from, to));
            from = to;
        }
        writes.add(bytes.substring(from));
        return writes;
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    private <T> T pick(List<T> usual, List<T> unusual) {
        return pick(oneIn(faultRarity) ? unusual : usual);
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
