package io.rejoin.contracts.client;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * The reason why an edge refuses an HTTP request, mostly one that opens a WebSocket: the {@code code} in the JSON body
 * of the answer. Each code belongs to one HTTP status. A plain GET of the socket's URL gets the refusal that the
 * upgrade would get, or {@link #UPGRADE_REQUIRED}.
 */
public enum RefusalCode {
    /** The request, its URL or its WebSocket handshake is not valid. */
    BAD_REQUEST(400),
    /** The room's name breaks the rules, or the URL names two. */
    INVALID_ROOM(400),
    /** The user's name breaks the rules. */
    INVALID_USER(400),
    /** The token is missing or not valid. */
    INVALID_TOKEN(401),
    /** The token does not grant the room. */
    FORBIDDEN(403),
    /** Pages of this origin must not connect. */
    ORIGIN_NOT_ALLOWED(403),
    /** There is nothing at this path. */
    NOT_FOUND(404),
    /** This path does not support the method. */
    METHOD_NOT_ALLOWED(405),
    /** The request line is too long, usually because of a token in it. */
    URI_TOO_LONG(414),
    /** The request is not an upgrade; an upgrade would succeed. */
    UPGRADE_REQUIRED(426),
    /** The user already has the maximum number of connections. */
    TOO_MANY_CONNECTIONS(429),
    /** The header lines are too long or too many. */
    HEADERS_TOO_LARGE(431),
    /** The edge failed; its log has the cause. */
    INTERNAL_ERROR(500),
    /** The edge already has the maximum number of connections. */
    FULL(503),
    /** The edge is being drained; another edge is available. */
    DRAINING(503),
    /** The edge cannot reach a service that it needs. */
    UNAVAILABLE(503),
    /** The request is neither HTTP/1.1 nor HTTP/1.0. */
    VERSION_NOT_SUPPORTED(505);

    private final int status;

    RefusalCode(int status) {
        this.status = status;
    }

    /** The HTTP status of the answer. */
    public int status() {
        return status;
    }

    /** Whether the same request may succeed later. Then the answer has a {@code Retry-After}. */
    public boolean isRetryable() {
        return status == 429 || status == 503;
    }

    /** The name on the wire. */
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
