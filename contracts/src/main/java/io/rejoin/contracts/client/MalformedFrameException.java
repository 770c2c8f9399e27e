package io.rejoin.contracts.client;

import org.jspecify.annotations.Nullable;

/**
 * Thrown if a client's text is not a valid frame. The client receives the {@link #code} and the message; the connection
 * continues.
 */
public final class MalformedFrameException extends Exception {
    private static final long serialVersionUID = 1L;
    private final ErrorCode code;
    private final @Nullable FrameId id;

    MalformedFrameException(ErrorCode code, String message, @Nullable FrameId id) {
        super(message);
        this.code = code;
        this.id = id;
    }

    /** Returns this exception with the id of the frame. */
    MalformedFrameException withId(@Nullable FrameId frame) {
        return new MalformedFrameException(code, String.valueOf(getMessage()), frame);
    }

    public ErrorCode code() {
        return code;
    }

    /** The frame's id; null if it has none or the id could not be read. */
    public @Nullable FrameId id() {
        return id;
    }
}
