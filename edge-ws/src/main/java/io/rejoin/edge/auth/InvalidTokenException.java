package io.rejoin.edge.auth;

import io.rejoin.contracts.client.RefusalCode;
import org.jspecify.annotations.Nullable;

/** A token that does not hold, or cannot be checked now; the message says why and is fit for the client. */
public final class InvalidTokenException extends Exception {
    private static final long serialVersionUID = 1L;

    private final RefusalCode code;

    /** For good: this token will not hold later either. */
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

    /** For now: the same token may hold a little later. */
    public static InvalidTokenException temporary(String message) {
        return new InvalidTokenException(message, null, RefusalCode.UNAVAILABLE);
    }

    /** Not the token is wrong, but the name the client asks for. */
    static InvalidTokenException name(String message, Throwable cause) {
        return new InvalidTokenException(message, cause, RefusalCode.INVALID_USER);
    }

    /** Why it is refused. */
    public RefusalCode code() {
        return code;
    }

    /** Whether the same token may hold a little later: what it is checked with is out of reach. */
    public boolean isTemporary() {
        return code == RefusalCode.UNAVAILABLE;
    }
}
