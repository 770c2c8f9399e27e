package io.rejoin.e2e.chaos;

import io.rejoin.e2e.ServiceProcess;
import io.rejoin.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Configures and starts each service. A service reaches the others only through its own proxies. */
record Launch(Network network, Path folder, EmbeddedPostgres postgres) {
    /** The operators' log configuration, instead of the tests'. */
    private static final List<String> OPTIONS = List.of("-Dlogback.configurationFile=logback.xml");

    ServiceProcess service(Part part) {
        return switch (part) {
            case EDGE_0 -> edge(part, Link.EDGE_0_KAFKA, Link.EDGE_0_HISTORY, network.edgePort(0));
            case EDGE_1 -> edge(part, Link.EDGE_1_KAFKA, Link.EDGE_1_HISTORY, network.edgePort(1));
            case ROUTER_0 -> router(part.label(), Link.ROUTER_0_KAFKA, Link.EDGES_ROUTER_0, network.routerPort(0));
            case ROUTER_1 -> router(part.label(), Link.ROUTER_1_KAFKA, Link.EDGES_ROUTER_1, network.routerPort(1));
            case HISTORY -> history();
            case KAFKA, POSTGRES -> throw new IllegalArgumentException(part + " is not a service of Rejoin");
        };
    }

    /** A router without proxies, to it and to Kafka. */
    ServiceProcess guest() {
        return router("router-guest", "127.0.0.1:" + network.kafkaPort(), Map.of("ROUTER_PORT", "0"));
    }

    private ServiceProcess router(String name, Link kafka, Link edges, int port) {
        return router(name, network.address(kafka),
                Map.of("ROUTER_PORT", "" + port, "ROUTER_LINK_ADDRESS", network.address(edges)));
    }

    private ServiceProcess router(String name, String kafka, Map<String, String> listens) {
        var settings = new HashMap<>(listens);
        settings.putAll(Map.of("ROUTER_PARTITIONS", "6", "ROUTER_REPLICATION", "1", "ROUTER_SESSION_TIMEOUT",
                "PT1.5S"));
        return process(name, "io.rejoin.router.RouterMain", kafka, settings);
    }

    private ServiceProcess edge(Part part, Link kafka, Link history, int port) {
        return process(part.label(), "io.rejoin.edge.EdgeMain", network.address(kafka), Map.of("EDGE_AUTH", "dev",
                "EDGE_PORT", "" + port, "EDGE_NAME", part.label(), "EDGE_HISTORY_URL",
                "http://" + network.address(history)));
    }

    private ServiceProcess history() {
        return process("history", "io.rejoin.history.HistoryMain", network.address(Link.HISTORY_KAFKA),
                Map.of("HISTORY_PORT", "" + network.historyPort(), "HISTORY_JDBC_URL",
                        "jdbc:postgresql://" + network.address(Link.HISTORY_POSTGRES) + "/postgres",
                        "HISTORY_DB_USER", postgres.user(), "HISTORY_DB_PASSWORD", postgres.password(),
                        "HISTORY_SESSION_TIMEOUT", "PT1.5S"));
    }

    private ServiceProcess process(String name, String main, String kafka, Map<String, String> special) {
        var environment = new HashMap<>(special);
        environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka);
        environment.put("REJOIN_LOG", "INFO");
        return new ServiceProcess(name, main, OPTIONS, environment, folder);
    }
}
