package io.rejoin.contracts.client;

import org.jspecify.annotations.Nullable;

/** A client's text is no frame: it is told why, by {@link #code} and message, and the connection goes on. */
public final class MalformedFrameException extends Exception {
    private static final long serialVersionUID = 1L;
    private final ErrorCode code;
    private final @Nullable FrameId id;

    MalformedFrameException(ErrorCode code, String message, @Nullable FrameId id) {
        super(message);
        this.code = code;
        this.id = id;
    }

    /** The same, of the frame of that id. */
    MalformedFrameException of(@Nullable FrameId frame) {
        return new MalformedFrameException(code, String.valueOf(getMessage()), frame);
    }

    public ErrorCode code() {
        return code;
    }

    /** The frame's own id, when it could be read that far. */
    public @Nullable FrameId id() {
        return id;
    }
}
