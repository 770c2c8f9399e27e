package io.rejoin.listener.http;

import java.util.ArrayList;
import java.util.List;

/**
 * The head of one request, checked for its form.
 *
 * @param method as sent; case matters
 * @param path   of the target, percent-encoded as sent; bytes beyond ASCII are characters of the same number
 * @param query  what follows the question mark, or nothing
 * @param http11 HTTP/1.1 or a later 1.x; else HTTP/1.0
 * @param fields in their order
 */
public record RequestHead(String method, String path, String query, boolean http11, List<Field> fields) {
    public RequestHead {
        fields = List.copyOf(fields);
    }

    /** One header line. */
    public record Field(String name, String value) {}

    /** All values of a header, by its name in any case, one for each time it was sent. */
    public List<String> all(String name) {
        List<String> values = List.of();
        for (var field : fields) {
            if (!field.name().equalsIgnoreCase(name)) continue;
            if (values.isEmpty()) values = new ArrayList<>(1); // most headers are not there
            values.add(field.value());
        }
        return values;
    }

    /** Whether one of the members of a header whose value is a list with commas is that, which is in lower case. */
    private boolean names(String name, String token) {
        for (var value : all(name)) {
            for (var each : value.split(",", -1)) {
                if (Ascii.lowerCase(each.strip()).equals(token)) return true;
            }
        }
        return false;
    }

    /**
     * What it is for, decoded.
     *
     * @throws RequestRefused 400 when it is not percent-encoded UTF-8
     */
    public Target target() throws RequestRefused {
        return Target.of(path, query);
    }

    /** Whether it only reads: GET or HEAD. */
    public boolean reads() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /** Whether the client asks for that protocol, in a version of HTTP that can be upgraded (RFC 9110, section 7.8). */
    boolean isUpgradeTo(String protocol) {
        return http11 && asksFor(protocol);
    }

    /** Whether the client means a WebSocket, though an HTTP/1.0 proxy between may have made that impossible. */
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

    /** The announced length of the body; 0 also for one that comes in chunks. */
    long bodyLength() {
        var lengths = all("Content-Length");
        return lengths.isEmpty() ? 0 : Long.parseLong(lengths.getFirst()); // checked to be one number
    }

    /** Whether the client takes further answers on this connection (RFC 9112, section 9.3). */
    boolean keepsAlive() {
        if (names("Connection", "close")) return false;
        return http11 || names("Connection", "keep-alive");
    }
}
