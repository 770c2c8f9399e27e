package io.rejoin.metrics;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.LoggerFactory;

/**
 * Counts log events at WARN and ERROR. Micrometer's own counter is a filter of Logback, and the filter does not see
 * events with key-values.
 */
final class LoggedEvents extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Counter errors;
    private final Counter warnings;

    LoggedEvents(MeterRegistry registry) {
        errors = counter(registry, "error");
        warnings = counter(registry, "warn");
    }

    private static Counter counter(MeterRegistry registry, String level) {
        return Counter.builder("rejoin.log.events").baseUnit("events").tag("level", level)
                .description("Log messages at WARN and ERROR, by level").register(registry);
    }

    /** Starts to count, if Logback is the logging back end. */
    LoggedEvents begin() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logback) {
            setContext(logback);
            start();
            logback.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(this);
        }
        return this;
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (event.getLevel() == Level.ERROR) errors.increment();
        else if (event.getLevel() == Level.WARN) warnings.increment();
    }

    @Override
    public void close() {
        if (getContext() instanceof LoggerContext logback)
            logback.getLogger(Logger.ROOT_LOGGER_NAME).detachAppender(this);
        stop();
    }
}
