package io.rejoin.embedded;

/**
 * Thrown when a child process does not become ready. The message names the process and its log file, and quotes the
 * log's last lines.
 */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StartException(String message) {
        super(message);
    }

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
