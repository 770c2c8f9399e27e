package io.rejoin.edge.auth;

import org.jspecify.annotations.Nullable;

/** A token that does not hold, or cannot be checked now; the message says why and is fit for the client. */
public final class InvalidTokenException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean temporary;

    /** For good: this token will not hold later either. */
    public InvalidTokenException(String message) {
        this(message, null, false);
    }

    InvalidTokenException(String message, Throwable cause) {
        this(message, cause, false);
    }

    private InvalidTokenException(String message, @Nullable Throwable cause, boolean temporary) {
        super(message, cause);
        this.temporary = temporary;
    }

    /** For now: the same token may hold a little later. */
    public static InvalidTokenException temporary(String message) {
        return new InvalidTokenException(message, null, true);
    }

    static InvalidTokenException temporary(String message, Throwable cause) {
        return new InvalidTokenException(message, cause, true);
    }

    /** Whether the same token may hold a little later: what it is checked with is out of reach. */
    public boolean isTemporary() {
        return temporary;
    }
}
