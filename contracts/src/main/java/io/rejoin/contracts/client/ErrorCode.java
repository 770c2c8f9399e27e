package io.rejoin.contracts.client;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The reason why a frame was refused or failed: the {@code code} of an {@code error}. */
public enum ErrorCode {
    /** The frame is not JSON, is not an object, or has a field of the wrong kind. */
    INVALID_FRAME(false),
    /** This version does not know the {@code event}. */
    UNKNOWN_EVENT(false),
    /** The room's name breaks the rules. */
    INVALID_ROOM(false),
    /** The name of the user in {@code to} breaks the rules. */
    INVALID_USER(false),
    /** The new token is not valid, or belongs to another user. The connection continues with the old one. */
    INVALID_TOKEN(false),
    /** The token does not grant this room. */
    FORBIDDEN(false),
    /**
     * The connection is not a member of the room. Or the frame names no room, and the connection is not in exactly one.
     */
    NOT_JOINED(false),
    /** The connection is already in the maximum number of rooms. */
    TOO_MANY_ROOMS(false),
    /** The connection or its user joins possibly new rooms too fast. Nothing was done. */
    TOO_MANY_NEW_ROOMS(true),
    /** The room has more users than can be asked to confirm a message. The message was not posted. */
    TOO_MANY_RECIPIENTS(false),
    /** The user has posted another message under this id in the room. This one was not posted. */
    ID_CONFLICT(false),
    /** The service cannot accept the frame now. Nothing was done. */
    UNAVAILABLE(true),
    /** The edge's queue is full. Nothing was done. */
    OVERLOADED(true),
    /** The outcome is unknown: the frame may still take effect. A repetition under the same {@code id} is safe. */
    TIMEOUT(true),
    /** Missed messages cannot be read at the moment. The edge continues to retry. */
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
