package io.rejoin.e2e;

import static org.awaitility.Awaitility.await;

import io.rejoin.servers.Broker;
import io.rejoin.servers.Postgres;
import io.rejoin.servers.Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Two edges, two routers and a history service, each in a process of its own. They use the broker and the PostgreSQL
 * that this JVM started.
 */
final class Cluster {
    static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String EDGE = "io.rejoin.edge.EdgeMain";
    private static final String HISTORY = "io.rejoin.history.HistoryMain";

    /** Created when the first test asks for it. */
    private static final class Shared {
        private static final Cluster CLUSTER = new Cluster();
    }

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path folder;
    private final Broker kafka;
    private final Postgres postgres;
    private final Collector collector = new Collector();
    private final int historyPort = freePort();
    private final List<Integer> edgePorts = List.of(freePort(), freePort());
    private final List<Integer> metricsPorts = List.of(freePort(), freePort());
    private final List<Integer> routerPorts = List.of(freePort(), freePort());
    private final List<ServiceProcess> edges = new ArrayList<>();
    private final List<ServiceProcess> routers = new ArrayList<>();
    private final ServiceProcess history;

    /**
     * The cluster that all tests share. A test that stops a part of it restarts that part. Each test uses rooms of its
     * own.
     */
    static Cluster shared() {
        var cluster = Shared.CLUSTER;
        cluster.awaitReady();
        return cluster;
    }

    private Cluster() {
        try {
            folder = Files.createTempDirectory("rejoin-e2e");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        kafka = Servers.emptyBroker();
        postgres = Servers.database();
        for (var i = 0; i < 2; i++) routers.add(router(i));
        history = new ServiceProcess("history", HISTORY, historyEnvironment(historyPort), folder);
        for (var i = 0; i < 2; i++) edges.add(edge(i));
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
    }

    List<ServiceProcess> edges() {
        return edges;
    }

    List<ServiceProcess> routers() {
        return routers;
    }

    ServiceProcess history() {
        return history;
    }

    Broker kafka() {
        return kafka;
    }

    /**
     * The collector to which all services send traces. The edges start no traces; a test may start an edge that does.
     */
    Collector collector() {
        return collector;
    }

    /** The WebSocket URL of an edge, with what follows the port. */
    URI edgeUri(int index, String pathAndQuery) {
        return URI.create("ws://127.0.0.1:" + edgePorts.get(index) + pathAndQuery);
    }

    int edgePort(int index) {
        return edgePorts.get(index);
    }

    /** The ports at which each process exposes its metrics, by service. */
    Map<String, List<Integer>> metricsPorts() {
        return Map.of("edge", metricsPorts, "router", routerPorts, "history", List.of(historyPort));
    }

    URI historyUri() {
        return URI.create("http://127.0.0.1:" + historyPort);
    }

    /** Sends a GET request to the history service. */
    HttpResponse<String> askHistory(String pathAndQuery) {
        return get("http://127.0.0.1:" + historyPort + pathAndQuery);
    }

    HttpResponse<String> askEdge(int index, String path) {
        return ask(edgePorts.get(index), path);
    }

    HttpResponse<String> ask(int port, String path) {
        return get("http://127.0.0.1:" + port + path);
    }

    /**
     * Waits until history and both edges report that they are healthy. It asks history itself too, because an edge
     * checks Kafka and history only from time to time.
     */
    void awaitReady() {
        awaitThat("history is healthy", () -> askHistory("/health").statusCode() == 200);
        for (var i = 0; i < edges.size(); i++) awaitHealthy(i);
    }

    void awaitHealthy(int edge) {
        awaitThat("edge " + edge + " is healthy", () -> askEdge(edge, "/health").body().contains("\"status\":\"ok\""));
    }

    private void awaitThat(String what, Callable<Boolean> holds) {
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).ignoreExceptions().until(holds);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("timeout, not yet true: " + what + "; output of the services:\n" + tails(), e);
        }
    }

    /** Stops all services with SIGTERM, the edges first, and starts all of them again. */
    void restartServices() {
        services().forEach(ServiceProcess::terminate);
        services().forEach(ServiceProcess::restart);
        awaitReady();
    }

    /** The end of each service's output, for failure messages. */
    String tails() {
        return services().stream().map(service -> "--- " + service.name() + (service.isAlive() ? "" : " (dead)") + "\n"
                + service.tail()).collect(Collectors.joining("\n"));
    }

    private List<ServiceProcess> services() {
        var all = new ArrayList<>(edges);
        all.addAll(routers);
        all.add(history);
        return all;
    }

    private ServiceProcess router(int index) {
        return new ServiceProcess("router-" + index, "io.rejoin.router.RouterMain",
                traced(Map.of("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers(), "ROUTER_PARTITIONS", "6",
                        "ROUTER_REPLICATION", "1", "ROUTER_PORT",
                        "" + routerPorts.get(index),
                        "ROUTER_SESSION_TIMEOUT", "PT1.5S", "ROUTER_REDELIVERY", "PT2S")),
                folder);
    }

    private ServiceProcess edge(int index) {
        return edge("edge-" + index, edgePorts.get(index),
                Map.of("EDGE_METRICS_PORT", "" + metricsPorts.get(index)));
    }

    /** Starts a further edge with another configuration; the test closes it. */
    ServiceProcess edge(String name, int port, Map<String, String> more) {
        var environment = new HashMap<>(edgeEnvironment(name, port));
        environment.putAll(more);
        return new ServiceProcess(name, EDGE, environment, folder);
    }

    /** Starts a further edge with a limit of open files. */
    ServiceProcess edgeWithFiles(int files, int port) {
        return ServiceProcess.withFiles(files, "edge-files", EDGE, edgeEnvironment("edge-files", port), folder);
    }

    /** Starts a further history service with a limit of open files. */
    ServiceProcess historyWithFiles(int files, int port) {
        return ServiceProcess.withFiles(files, "history-files", HISTORY, historyEnvironment(port), folder);
    }

    /** Starts a further history service, which shares the partitions with the first; the test closes it. */
    ServiceProcess history(String name, int port) {
        return new ServiceProcess(name, HISTORY, historyEnvironment(port), folder);
    }

    private Map<String, String> edgeEnvironment(String name, int port) {
        return traced(Map.of("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers(), "EDGE_AUTH", "dev", "EDGE_PORT",
                "" + port, "EDGE_NAME", name, "EDGE_DRAIN_DELAY", "PT0S", "EDGE_HISTORY_URL",
                "http://127.0.0.1:" + historyPort));
    }

    /** Rooms whose name begins with brief- keep messages for only one second. */
    private Map<String, String> historyEnvironment(int port) {
        return traced(Map.of("HISTORY_RETENTION_ROOMS", "brief-*=PT1S", "KAFKA_BOOTSTRAP_SERVERS",
                kafka.bootstrapServers(),
                "HISTORY_PORT", "" + port,
                "HISTORY_JDBC_URL", postgres.jdbcUrl(), "HISTORY_DB_USER", postgres.user(), "HISTORY_DB_PASSWORD",
                postgres.password(), "HISTORY_SESSION_TIMEOUT", "PT1.5S"));
    }

    /** Sampling rate near 0: a service then starts no traces itself, but records those that another service started. */
    private Map<String, String> traced(Map<String, String> environment) {
        var all = new HashMap<>(environment);
        all.putAll(Map.of("REJOIN_TRACES", "1e-18", "OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint(),
                "OTEL_BSP_SCHEDULE_DELAY", "200"));
        return all;
    }

    private HttpResponse<String> get(String uri) {
        try {
            return http.send(HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(40)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Broker and database end together with this JVM. */
    private void stop() {
        services().forEach(ServiceProcess::close);
    }

    static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
