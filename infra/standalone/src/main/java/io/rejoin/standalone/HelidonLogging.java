package io.rejoin.standalone;

import io.helidon.logging.common.spi.LoggingProvider;

/**
 * Tells Helidon that logging is configured, by {@code logback.xml}: without any provider it prints a line about that at each
 * start. Found through {@link java.util.ServiceLoader}.
 */
public final class HelidonLogging implements LoggingProvider {
    @Override
    public void initialization() {}

    @Override
    public void runTime() {}
}
