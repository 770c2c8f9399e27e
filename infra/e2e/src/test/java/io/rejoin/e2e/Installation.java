package io.rejoin.e2e;

import static org.awaitility.Awaitility.await;

import io.rejoin.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/** One of several installations on a guarded broker, with its own prefix, Kafka users and database. */
final class Installation implements AutoCloseable {
    /** Partitions of the commands topic: with two routers, each gets one. */
    static final int PARTITIONS = 2;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final GuardedBroker broker;
    private final String prefix;
    private final Path folder;
    private final int edgePort = Cluster.freePort();
    private final int historyPort = Cluster.freePort();
    private final List<ServiceProcess> routers = new ArrayList<>();
    private final List<ServiceProcess> others = new ArrayList<>();

    /**
     * Starts history, an edge and the routers.
     *
     * @param routers number of routers
     */
    Installation(GuardedBroker broker, String prefix, int routers, EmbeddedPostgres postgres, Path folder)
            throws IOException, SQLException {
        this.broker = broker;
        this.prefix = prefix;
        this.folder = Files.createDirectories(folder.resolve("of-" + prefix));
        for (var n = 0; n < routers; n++)
            this.routers.add(service("router-" + n, "io.rejoin.router.RouterMain", routerEnvironment()));
        others.add(service("history", "io.rejoin.history.HistoryMain", historyEnvironment(postgres)));
        others.add(service("edge", "io.rejoin.edge.EdgeMain", edgeEnvironment()));
    }

    private static Map<String, String> routerEnvironment() {
        return Map.of("ROUTER_PARTITIONS", "" + PARTITIONS, "ROUTER_REPLICATION",
                "1",
                "ROUTER_PORT", "0", "ROUTER_SESSION_TIMEOUT", "PT1.5S");
    }

    private Map<String, String> historyEnvironment(EmbeddedPostgres postgres) throws SQLException {
        var name = prefix.replaceAll("\\W", "_");
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var sql = connection.createStatement()) {
            sql.execute("CREATE DATABASE " + name);
        }
        return Map.of("HISTORY_PORT", "" + historyPort, "HISTORY_SESSION_TIMEOUT", "PT1.5S", "HISTORY_JDBC_URL",
                postgres.jdbcUrl().replaceFirst("/postgres$", "/" + name), "HISTORY_DB_USER", postgres.user(),
                "HISTORY_DB_PASSWORD", postgres.password());
    }

    private Map<String, String> edgeEnvironment() {
        return Map.of("EDGE_AUTH", "dev", "EDGE_PORT", "" + edgePort, "EDGE_DRAIN_DELAY", "PT0S", "EDGE_HISTORY_URL",
                "http://127.0.0.1:" + historyPort);
    }

    /** Starts a service that connects to Kafka as the user of its kind. */
    ServiceProcess service(String name, String main, Map<String, String> settings) throws IOException {
        var environment = broker.environment(AclDocument.user(prefix, name.replaceFirst("-.*", "")));
        environment.put("REJOIN_PREFIX", prefix);
        environment.putAll(settings);
        return new ServiceProcess(name, main, environment, folder);
    }

    /** The environment of a program that connects to Kafka as that user. */
    Map<String, String> environment(String user) throws IOException {
        var environment = new HashMap<>(broker.environment(AclDocument.user(prefix, user)));
        environment.put("REJOIN_PREFIX", prefix);
        return environment;
    }

    /** {@code rejoinctl}, connected as the user {@code tools}. */
    Rejoinctl rejoinctl() throws IOException {
        return rejoinctl("tools");
    }

    /** {@code rejoinctl}, connected as another user. */
    Rejoinctl rejoinctl(String user) throws IOException {
        var environment = new HashMap<>(environment(user));
        environment.put("EDGE_HISTORY_URL", "http://127.0.0.1:" + historyPort);
        return new Rejoinctl(environment);
    }

    List<ServiceProcess> routers() {
        return routers;
    }

    void awaitReady() {
        try {
            await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofMillis(100)).ignoreExceptions()
                    .until(() -> ask(edgePort, "/health").contains("\"status\":\"ok\""));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(prefix + " is not well; the edge says " + ask(edgePort, "/health")
                    + "\nthe services say:\n" + tails(), e);
        }
    }

    Client connect(String pathAndQuery) {
        return Client.connect(URI.create("ws://127.0.0.1:" + edgePort + pathAndQuery));
    }

    /** The first messages of a room, from history. */
    String history(String room) {
        return ask(historyPort, "/v1/messages?room=default/" + room + "&after=0&limit=100");
    }

    private static String ask(int port, String path) {
        try {
            return HTTP.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    String tails() {
        return Stream.of(routers, others).flatMap(List::stream)
                .map(service -> "--- " + service.name() + "\n" + service.tail()).collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        others.reversed().forEach(ServiceProcess::close);
        routers.forEach(ServiceProcess::close);
    }
}
