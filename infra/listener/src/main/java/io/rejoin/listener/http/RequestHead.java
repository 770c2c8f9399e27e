package io.rejoin.listener.http;

import java.util.ArrayList;
import java.util.List;

/**
 * The head of one request, checked to be well-formed.
 *
 * @param method as sent; case matters
 * @param path   the target's path, percent-encoded as sent; each byte beyond ASCII is one character of the same value
 * @param query  the part after the question mark, or an empty text
 * @param http11 true for HTTP/1.1 or a later 1.x, false for HTTP/1.0
 * @param fields in the order in which they were sent
 */
public record RequestHead(String method, String path, String query, boolean http11, List<Field> fields) {
    public RequestHead {
        fields = List.copyOf(fields);
    }

    /** One header line. */
    public record Field(String name, String value) {}

    /** All values of a header, one for each time it was sent. The name may have any case. */
    public List<String> all(String name) {
        List<String> values = List.of();
        for (var field : fields) {
            if (!field.name().equalsIgnoreCase(name)) continue;
            if (values.isEmpty()) values = new ArrayList<>(1); // created late, because most headers are absent
            values.add(field.value());
        }
        return values;
    }

    /** Whether a comma-separated header contains the token, which is in lower case. */
    private boolean names(String name, String token) {
        for (var value : all(name)) {
            for (var each : value.split(",", -1)) {
                if (Ascii.lowerCase(each.strip()).equals(token)) return true;
            }
        }
        return false;
    }

    /**
     * Decodes the path and the query.
     *
     * @throws RequestRefused 400 when the encoding is malformed or is not UTF-8
     */
    public Target target() throws RequestRefused {
        return Target.of(path, query);
    }

    /** Whether the request only reads: GET or HEAD. */
    public boolean reads() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /** Whether the client asks for the protocol, in a version of HTTP that allows upgrades (RFC 9110, section 7.8). */
    boolean isUpgradeTo(String protocol) {
        return http11 && asksFor(protocol);
    }

    /**
     * Whether the client asks for a WebSocket. Also true when an HTTP/1.0 proxy in between makes the upgrade
     * impossible.
     */
    public boolean asksForWebSocket() {
        return asksFor("websocket");
    }

    private boolean asksFor(String protocol) {
        return names("Upgrade", protocol);
    }

    /** Whether a body follows. */
    boolean hasBody() {
        return !all("Transfer-Encoding").isEmpty() || bodyLength() > 0;
    }

    /** The length of the body in bytes, as announced; 0 also for a chunked body. */
    long bodyLength() {
        var lengths = all("Content-Length");
        return lengths.isEmpty() ? 0 : Long.parseLong(lengths.getFirst()); // HeadParser checked that it is one number
    }

    /** Whether the client accepts further answers on this connection (RFC 9112, section 9.3). */
    boolean keepsAlive() {
        if (names("Connection", "close")) return false;
        return http11 || names("Connection", "keep-alive");
    }
}
