package io.rejoin.history.store;

/** PostgreSQL did not do what it was asked; which subclass says what to do about it. Plain: a bug or a wrong set-up. */
public sealed class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }

    /** It is away or overloaded: the same may succeed later, and nothing tells whether a commit was done. */
    public static final class Unavailable extends StoreException {
        private static final long serialVersionUID = 1L;

        Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** It does not take these values, now or ever; nothing was done. */
    public static final class Refused extends StoreException {
        private static final long serialVersionUID = 1L;

        Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
