package io.rejoin.tools;

/** Thrown for a problem that ends the tool with exit code 1. The message is for the operator. */
final class OperatorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OperatorException(String message) {
        super(message);
    }
}
