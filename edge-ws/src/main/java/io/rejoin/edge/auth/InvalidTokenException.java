package io.rejoin.edge.auth;

import io.rejoin.contracts.client.RefusalCode;
import org.jspecify.annotations.Nullable;

/** A token that is invalid, or that cannot be verified now. The message says why and may be shown to the client. */
public final class InvalidTokenException extends Exception {
    private static final long serialVersionUID = 1L;

    private final RefusalCode code;

    /** A permanent refusal: the client should not retry with this token. */
    public InvalidTokenException(String message) {
        this(message, null, RefusalCode.INVALID_TOKEN);
    }

    InvalidTokenException(String message, Throwable cause) {
        this(message, cause, RefusalCode.INVALID_TOKEN);
    }

    private InvalidTokenException(String message, @Nullable Throwable cause, RefusalCode code) {
        super(message, cause);
        this.code = code;
    }

    /** A temporary refusal: the same token may be accepted a little later. */
    public static InvalidTokenException temporary(String message) {
        return new InvalidTokenException(message, null, RefusalCode.UNAVAILABLE);
    }

    /** A refusal of the name that the client asks for, not of the token. */
    static InvalidTokenException name(String message, Throwable cause) {
        return new InvalidTokenException(message, cause, RefusalCode.INVALID_USER);
    }

    /** The reason for the refusal, as sent to the client. */
    public RefusalCode code() {
        return code;
    }

    /** Whether the same token may be accepted a little later, because the keys that verify it are out of reach. */
    public boolean isTemporary() {
        return code == RefusalCode.UNAVAILABLE;
    }
}
