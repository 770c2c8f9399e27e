package io.rejoin.standalone;

/** Something that whoever started us can put right; the message is all they need to see. */
final class UserErrorException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UserErrorException(String message) {
        super(message);
    }
}
