package io.rejoin.standalone;

import io.helidon.logging.common.spi.LoggingProvider;

/**
 * An empty logging provider for Helidon. Without a provider, Helidon prints a line about logging at each start; here
 * {@code logback.xml} configures it. Found through {@link java.util.ServiceLoader}.
 */
public final class HelidonLogging implements LoggingProvider {
    @Override
    public void initialization() {}

    @Override
    public void runTime() {}
}
