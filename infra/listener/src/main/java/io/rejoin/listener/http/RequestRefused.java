package io.rejoin.listener.http;

import io.rejoin.contracts.client.RefusalCode;
import java.util.Map;

/** Thrown to refuse a request or a WebSocket handshake. The client gets an answer with the reason. */
public final class RequestRefused extends Exception {
    private static final long serialVersionUID = 1;

    private final RefusalCode code;
    private final transient Map<String, String> headers;

    /** @param message tells the client's developer what is wrong and what to do */
    public RequestRefused(RefusalCode code, String message) {
        this(code, message, Map.of());
    }

    /** @param headers sent in addition to those that belong to the code */
    public RequestRefused(RefusalCode code, String message, Map<String, String> headers) {
        super(message);
        this.code = code;
        this.headers = Map.copyOf(headers);
    }

    /**
     * A refusal with status 405.
     *
     * @param allowed the methods that are accepted, separated by commas
     */
    public static RequestRefused method(String allowed) {
        return new RequestRefused(RefusalCode.METHOD_NOT_ALLOWED, "this path allows only " + allowed,
                Map.of("Allow", allowed));
    }

    /** A refusal with status 404. */
    public static RequestRefused nothingThere() {
        return new RequestRefused(RefusalCode.NOT_FOUND, "there is nothing at this path");
    }

    static RequestRefused bad(String message) {
        return new RequestRefused(RefusalCode.BAD_REQUEST, message);
    }

    /** The reason for the refusal. */
    public RefusalCode code() {
        return code;
    }

    /** Headers of the answer, in addition to those that belong to the code. */
    public Map<String, String> headers() {
        return headers;
    }
}
