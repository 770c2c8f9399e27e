package io.rejoin.standalone;

import io.rejoin.contracts.env.LogSettings;
import io.rejoin.edge.config.EdgeConfig;
import io.rejoin.history.HistoryConfig;
import io.rejoin.router.RouterConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Checks the services' environment variables before anything starts. */
final class SettingsCheck {
    private SettingsCheck() {}

    /**
     * Checks all services' settings and returns warnings.
     *
     * @throws UserErrorException with all invalid variables in its message
     */
    static List<String> of(Options options, Map<String, String> environment) {
        var settings = new Settings(environment, "127.0.0.1:9092");
        var problems = new ArrayList<String>();
        var warnings = new TreeSet<String>();
        check(settings.router(), RouterConfig::read, problems, warnings);
        check(settings.history("jdbc:postgresql:rejoin", "rejoin", "", 0), HistoryConfig::read, problems, warnings);
        check(settings.edge("edge-1", options.port(), 1), EdgeConfig::read, problems, warnings);
        if (!problems.isEmpty()) throw new UserErrorException(String.join("; ", problems));
        return List.copyOf(warnings);
    }

    /**
     * The log settings of this process.
     *
     * @throws IllegalArgumentException with all invalid variables in its message
     */
    static LogSettings logging(Map<String, String> environment) {
        var settings = new io.rejoin.contracts.env.Settings(environment);
        var logging = LogSettings.from(settings);
        settings.check();
        return logging;
    }

    private static void check(Map<String, String> environment, Consumer<io.rejoin.contracts.env.Settings> service,
            List<String> problems, Set<String> warnings) {
        var settings = new io.rejoin.contracts.env.Settings(environment);
        try {
            service.accept(settings);
            warnings.addAll(settings.warnings());
        } catch (IllegalArgumentException e) {
            problems.add(e.getMessage());
        }
    }
}
