package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.tracing.TraceSettings;
import java.util.Map;

/**
 * An edge's configuration, read once at start.
 *
 * @param name  the first part of the edge's id; the rest is drawn at random at each start
 * @param kafka how Kafka is reached
 */
public record EdgeConfig(String name, KafkaAccess kafka, ListenConfig listen, AuthConfig auth,
        HistoryLinkConfig history, RouterLinkConfig routers, ConnectionConfig connection, MessageConfig messages,
        PresenceConfig presence,
        DrainConfig drain, MetricsConfig metrics, TraceSettings traces) {

    /**
     * Reads the environment. Every value except the keys for tokens has a default that works on one machine.
     *
     * @throws IllegalArgumentException with one line that names every unusable variable
     */
    public static EdgeConfig from(Map<String, String> env) {
        return read(new Settings(env));
    }

    /** Like {@link #from}, for settings that can report afterwards which variables an edge does not know. */
    public static EdgeConfig read(Settings settings) {
        var auth = AuthConfig.from(settings);
        var config = new EdgeConfig(name(settings), KafkaAccess.read(settings),
                ListenConfig.from(settings, auth.dev()), auth, HistoryLinkConfig.from(settings),
                RouterLinkConfig.from(settings),
                ConnectionConfig.from(settings), MessageConfig.from(settings),
                PresenceConfig.from(settings), DrainConfig.from(settings), MetricsConfig.from(settings),
                TraceSettings.read(settings));
        settings.check();
        return config;
    }

    private static String name(Settings settings) {
        var name = settings.text("EDGE_NAME", "edge");
        if (!name.matches("[A-Za-z0-9._-]{1,64}"))
            settings.problem("EDGE_NAME must be 1 to 64 characters of A-Z a-z 0-9 . _ -, not " + name);
        return name;
    }
}
