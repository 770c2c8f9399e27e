package io.rejoin.edge.websocket;

import java.util.Map;

/** An upgrade is refused; the client gets an HTTP answer and no WebSocket. */
public final class UpgradeRefused extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;
    private final transient Map<String, String> headers;

    /**
     * @param status the HTTP status, 400 to 599; 401 also names the Bearer scheme (RFC 9110, section 11.6.1)
     * @param message for the client's developer; becomes {@code {"error": message}}
     */
    public UpgradeRefused(int status, String message) {
        this(status, message, status == 401 ? Map.of("WWW-Authenticate", "Bearer") : Map.of());
    }

    UpgradeRefused(int status, String message, Map<String, String> headers) {
        super(message);
        if (status < 400 || status > 599) throw new IllegalArgumentException("not an HTTP error: " + status);
        this.status = status;
        this.headers = Map.copyOf(headers);
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }
}
