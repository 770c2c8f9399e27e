package io.rejoin.contracts.client;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why a frame was refused: the {@code code} of an {@code error}. */
public enum ErrorCode {
    /** Not JSON, no object, or a field of the wrong kind. */
    INVALID_FRAME(false),
    /** The {@code event} is none this version knows. */
    UNKNOWN_EVENT(false),
    /** The room's name breaks the rules. */
    INVALID_ROOM(false),
    /** The name of the user a message is for breaks the rules. */
    INVALID_USER(false),
    /** The new token does not hold, or is somebody else's; the connection goes on under the old one. */
    INVALID_TOKEN(false),
    /** The token does not grant this room. */
    FORBIDDEN(false),
    /** The connection is no member of the room, or of several and named none. */
    NOT_JOINED(false),
    /** The connection is in as many rooms as it may be. */
    TOO_MANY_ROOMS(false),
    /** The connection, or its user, joins rooms that may be new faster than it may; nothing was done. */
    TOO_MANY_NEW_ROOMS(true),
    /** More users are in the room than can be asked to confirm a message; nothing was posted. */
    TOO_MANY_RECIPIENTS(false),
    /** The user has posted another message under this id in the room; this one was not posted. */
    ID_CONFLICT(false),
    /** The service cannot take it now; nothing was done. */
    UNAVAILABLE(true),
    /** The edge's queue is full; nothing was done. */
    OVERLOADED(true),
    /** The outcome is unknown: it may yet be done. Repeating it under the same {@code id} is safe. */
    TIMEOUT(true),
    /** Missed messages cannot be read at the moment; the edge goes on trying. */
    HISTORY_UNAVAILABLE(true);

    private final boolean retryable;

    ErrorCode(boolean retryable) {
        this.retryable = retryable;
    }

    /** Whether the same frame may succeed later. */
    public boolean isRetryable() {
        return retryable;
    }

    /** The name on the wire. */
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
