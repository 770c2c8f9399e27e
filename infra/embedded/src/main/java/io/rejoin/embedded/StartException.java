package io.rejoin.embedded;

/** A child process did not get ready; the message says which, where its log is, and quotes the log's last lines. */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StartException(String message) {
        super(message);
    }

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
