package io.rejoin.edge.websocket;

import io.rejoin.contracts.client.RefusalCode;
import java.util.Map;

/** An upgrade is refused; the client gets an HTTP answer and no WebSocket. */
public final class UpgradeRefused extends Exception {
    private static final long serialVersionUID = 1;

    private final RefusalCode code;
    private final transient Map<String, String> headers;

    /** @param message for the client's developer: what is wrong, and what to do */
    public UpgradeRefused(RefusalCode code, String message) {
        this(code, message, Map.of());
    }

    /** With headers on top of those that belong to the code. */
    UpgradeRefused(RefusalCode code, String message, Map<String, String> headers) {
        super(message);
        this.code = code;
        this.headers = Map.copyOf(headers);
    }

    /** Why. */
    public RefusalCode code() {
        return code;
    }

    /** Headers that the answer has on top of those that belong to its code. */
    public Map<String, String> headers() {
        return headers;
    }
}
