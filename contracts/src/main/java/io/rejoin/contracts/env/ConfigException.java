package io.rejoin.contracts.env;

/**
 * Thrown for an unusable configuration that shows only after all variables were read. The message names the variable
 * and says what to do.
 */
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
