package io.rejoin.standalone;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The settings of the services, as environment variables. The user's environment comes first, and standalone overrides
 * some variables.
 */
final class Settings {
    private static final int PARTITIONS = 6;
    private static final List<String> PREFIXES = List.of("EDGE_", "ROUTER_", "HISTORY_", "REJOIN_PREFIX");

    private final Map<String, String> given = new TreeMap<>();

    Settings(Map<String, String> environment, String bootstrapServers) {
        environment.forEach((name, value) -> {
            // An empty variable counts as unset, as in the services
            if (!value.isBlank() && PREFIXES.stream().anyMatch(name::startsWith)) given.put(name, value);
        });
        given.put("KAFKA_BOOTSTRAP_SERVERS", bootstrapServers);
    }

    /**
     * The settings of a router: a short session timeout for fast takeovers, one replica for the only broker, and any
     * free port, because there may be several routers.
     */
    Map<String, String> router() {
        return over(Map.of("ROUTER_PARTITIONS", Integer.toString(PARTITIONS), "ROUTER_REPLICATION", "1",
                "ROUTER_SESSION_TIMEOUT", "PT1.5S", "ROUTER_PORT", "0"));
    }

    Map<String, String> history(String jdbcUrl, String user, String password, int port) {
        return over(Map.of("HISTORY_HOST", "127.0.0.1", "HISTORY_PORT", Integer.toString(port), "HISTORY_JDBC_URL",
                jdbcUrl, "HISTORY_DB_USER", user, "HISTORY_DB_PASSWORD", password));
    }

    /** The settings of an edge. Unless the environment says otherwise, it listens on loopback and accepts any token. */
    Map<String, String> edge(String name, int port, int historyPort) {
        var settings = over(Map.of("EDGE_PORT", Integer.toString(port), "EDGE_NAME", name, "EDGE_HISTORY_URL",
                "http://127.0.0.1:" + historyPort));
        settings.putIfAbsent("EDGE_HOST", "127.0.0.1");
        if (given.containsKey("HISTORY_API_SECRET"))
            settings.putIfAbsent("EDGE_HISTORY_SECRET", given.get("HISTORY_API_SECRET"));
        if (given.containsKey("ROUTER_LINK_SECRET"))
            settings.putIfAbsent("EDGE_ROUTER_SECRET", given.get("ROUTER_LINK_SECRET"));
        settings.putIfAbsent("EDGE_DRAIN_DELAY", "PT0S"); // no load balancer needs time to notice the stop
        settings.putIfAbsent("EDGE_DRAIN", "PT1S"); // all edges stop at once, so no edge is left for the clients
        if (!settings.containsKey("EDGE_JWT_SECRET") && !settings.containsKey("EDGE_JWKS"))
            settings.put("EDGE_AUTH", "dev");
        return settings;
    }

    private Map<String, String> over(Map<String, String> decided) {
        var settings = new TreeMap<>(given);
        settings.putAll(decided);
        return settings;
    }

    /** Lines for a shell to evaluate: {@code export NAME='value'}. */
    static List<String> exports(List<Map<String, String>> services) {
        var all = new TreeMap<String, String>();
        services.forEach(all::putAll);
        var lines = new ArrayList<String>();
        all.forEach((name, value) -> lines.add("export " + name + "='" + value.replace("'", "'\\''") + "'"));
        return lines;
    }
}
