package io.rejoin.history.api;

/** A query parameter is not what it should be; the message says so to the client. */
final class BadParameterException extends Exception {
    private static final long serialVersionUID = 1L;

    BadParameterException(String message) {
        super(message);
    }
}
