package io.rejoin.history.api;

/** A query parameter is invalid. The message is for the client and names the parameter. */
final class BadParameterException extends Exception {
    private static final long serialVersionUID = 1L;

    BadParameterException(String message) {
        super(message);
    }
}
