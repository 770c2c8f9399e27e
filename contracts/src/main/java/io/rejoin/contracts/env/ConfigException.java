package io.rejoin.contracts.env;

/** A configuration that cannot be used, found out after it was read: the message names the variable and says what to do. */
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
