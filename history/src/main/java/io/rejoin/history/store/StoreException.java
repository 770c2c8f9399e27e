package io.rejoin.history.store;

/**
 * A failed access to PostgreSQL. The subclass tells the caller what to do. This class itself means a bug or a wrong
 * setup.
 */
public sealed class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreException(String message, Throwable cause) {
        super("cannot " + message + ": " + cause.getMessage(), cause);
    }

    /** PostgreSQL is unavailable or overloaded. A retry may succeed; whether a commit was done is unknown. */
    public static final class Unavailable extends StoreException {
        private static final long serialVersionUID = 1L;

        Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** PostgreSQL refuses these values permanently. Nothing was stored. */
    public static final class Refused extends StoreException {
        private static final long serialVersionUID = 1L;

        Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
