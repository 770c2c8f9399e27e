package io.rejoin.standalone;

/** An error that the user can fix. The user sees only the message, without a stack trace. */
final class UserErrorException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UserErrorException(String message) {
        super(message);
    }
}
