package io.rejoin.tools;

/** Something that ends the tool; its message is for an operator. */
final class TroubleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TroubleException(String message) {
        super(message);
    }
}
