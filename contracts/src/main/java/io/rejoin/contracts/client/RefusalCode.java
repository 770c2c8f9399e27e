package io.rejoin.contracts.client;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * Why an edge refuses an HTTP request, above all one for a WebSocket: the {@code code} of its answer's JSON body, which belongs
 * to one status. A plain GET of the socket's URL gets the refusal that the upgrade would get, or {@link #UPGRADE_REQUIRED}.
 */
public enum RefusalCode {
    /** The request, its URL or its handshake makes no sense. */
    BAD_REQUEST(400),
    /** The room's name breaks the rules, or the URL names two. */
    INVALID_ROOM(400),
    /** The user's name breaks the rules. */
    INVALID_USER(400),
    /** No token, or one that does not hold. */
    INVALID_TOKEN(401),
    /** The token does not grant the room. */
    FORBIDDEN(403),
    /** Pages of this origin may not connect. */
    ORIGIN_NOT_ALLOWED(403),
    /** There is nothing at this path. */
    NOT_FOUND(404),
    /** This method does nothing here. */
    METHOD_NOT_ALLOWED(405),
    /** The request line is too long, mostly for a token in it. */
    URI_TOO_LONG(414),
    /** An upgrade would succeed, if this were one. */
    UPGRADE_REQUIRED(426),
    /** This user has as many connections as one may have. */
    TOO_MANY_CONNECTIONS(429),
    /** The header lines are too long, or too many. */
    HEADERS_TOO_LARGE(431),
    /** The edge failed; the fault is in its log. */
    INTERNAL_ERROR(500),
    /** The edge has as many connections as it may have. */
    FULL(503),
    /** The edge goes away, another one stays. */
    DRAINING(503),
    /** The edge cannot reach what it needs. */
    UNAVAILABLE(503),
    /** Neither HTTP/1.1 nor HTTP/1.0. */
    VERSION_NOT_SUPPORTED(505);

    private final int status;

    RefusalCode(int status) {
        this.status = status;
    }

    /** The HTTP status it comes with. */
    public int status() {
        return status;
    }

    /** Whether the same request may succeed later: the answer has a {@code Retry-After}. */
    public boolean isRetryable() {
        return status == 429 || status == 503;
    }

    /** The name on the wire. */
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
