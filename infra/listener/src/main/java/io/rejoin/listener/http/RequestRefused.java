package io.rejoin.listener.http;

import io.rejoin.contracts.client.RefusalCode;
import java.util.Map;

/** A request is refused, one for a WebSocket too: the client gets an answer that says why. */
public final class RequestRefused extends Exception {
    private static final long serialVersionUID = 1;

    private final RefusalCode code;
    private final transient Map<String, String> headers;

    /** @param message for the client's developer: what is wrong, and what to do */
    public RequestRefused(RefusalCode code, String message) {
        this(code, message, Map.of());
    }

    /** With headers on top of those that belong to the code. */
    public RequestRefused(RefusalCode code, String message, Map<String, String> headers) {
        super(message);
        this.code = code;
        this.headers = Map.copyOf(headers);
    }

    /**
     * 405.
     *
     * @param allowed the methods that are not refused, by comma
     */
    public static RequestRefused method(String allowed) {
        return new RequestRefused(RefusalCode.METHOD_NOT_ALLOWED, allowed + " are all there is",
                Map.of("Allow", allowed));
    }

    /** 404. */
    public static RequestRefused nothingThere() {
        return new RequestRefused(RefusalCode.NOT_FOUND, "there is nothing at this path");
    }

    static RequestRefused bad(String message) {
        return new RequestRefused(RefusalCode.BAD_REQUEST, message);
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
