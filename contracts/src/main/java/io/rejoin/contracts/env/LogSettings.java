package io.rejoin.contracts.env;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.rejoin.contracts.Json;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * The log settings of a process. It logs to standard error.
 *
 * @param level log level of our own classes
 * @param json  whether each line is a JSON object
 */
public record LogSettings(String level, boolean json) {
    private static final List<String> LEVELS = List.of("WARN", "ERROR", "INFO", "DEBUG", "OFF");

    /** Reads {@code REJOIN_LOG}, in upper or lower case, and {@code REJOIN_LOG_FORMAT}. */
    public static LogSettings from(Settings settings) {
        var level = settings.text("REJOIN_LOG", LEVELS.getFirst()).toUpperCase(Locale.ROOT);
        var isKnown = LEVELS.contains(level);
        if (!isKnown) settings.problem("REJOIN_LOG must be one of " + String.join(", ", LEVELS) + ", not " + level);
        var json = settings.choice("REJOIN_LOG_FORMAT", "text", "json").equals("json");
        return new LogSettings(isKnown ? level : LEVELS.getFirst(), json);
    }

    /** Passes the settings to the logging back end, by system properties. Call it before anything logs. */
    public void apply(String service) {
        System.setProperty("rejoin.log", level);
        System.setProperty("rejoin.log.format", json ? "json" : "text");
        System.setProperty("rejoin.service", service);
    }

    /** Formats a line for times without a logger: before logging starts, and after the service has stopped. */
    String line(String level, String service, String message) {
        if (!json) return "rejoin " + service + ": " + (level.equals("WARN") ? "warning: " : "") + message;
        var fields = new LogLine(Instant.now().toString(), level, service, message);
        try {
            return Json.MAPPER.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write a log line as JSON", e);
        }
    }

    /** A log line. The fields have the same names and order as in {@code logback.xml}. */
    private record LogLine(String time, String level, String service, String message) {}
}
