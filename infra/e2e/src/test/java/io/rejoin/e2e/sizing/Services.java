package io.rejoin.e2e.sizing;

import static org.awaitility.Awaitility.await;

import io.rejoin.e2e.ServiceProcess;
import io.rejoin.embedded.EmbeddedKafka;
import io.rejoin.embedded.EmbeddedPostgres;
import io.rejoin.embedded.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A broker, PostgreSQL, one router, one history service and one or several edges, each in a process of its own. Not
 * thread-safe, but another thread may close it.
 */
final class Services implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(4);
    /** JVM options as in production: all compilers, and the collector that a JVM chooses on two cores and 2 GB. */
    private static final List<String> OPTIONS = List.of("-XX:-UseSerialGC", "-XX:+UseG1GC",
            "-XX:TieredStopAtLevel=4", "-Xmx1g", "-Dlogback.configurationFile=logback.xml");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path folder;
    private final EmbeddedKafka kafka;
    private final EmbeddedPostgres postgres;
    private final Log log;
    private final ServiceProcess router;
    private final int historyPort = Ports.free();
    private final ServiceProcess history;
    private final List<ServiceProcess> edges = new ArrayList<>();
    private final List<Integer> edgePorts = new ArrayList<>();
    /** Resources to close, the last opened first; guarded by this, as {@link #isClosed} is. */
    private final Deque<AutoCloseable> closers = new ArrayDeque<>();
    private boolean isClosed;

    /** Starts all services with one edge, and waits until that edge is healthy. */
    static Services start(Path folder) {
        return new Services(folder);
    }

    private Services(Path folder) {
        this.folder = folder;
        closers.push(http);
        kafka = opened(EmbeddedKafka.start(folder.resolve("kafka"), 0));
        postgres = opened(EmbeddedPostgres.start(folder.resolve("postgres"), 0));
        log = opened(new Log(kafka.bootstrapServers()));
        router = service("router", "io.rejoin.router.RouterMain",
                Map.of("ROUTER_REPLICATION", "1", "ROUTER_PORT", "0"));
        history = service("history", "io.rejoin.history.HistoryMain",
                Map.of("HISTORY_PORT", "" + historyPort, "HISTORY_JDBC_URL", postgres.jdbcUrl(), "HISTORY_DB_USER",
                        postgres.user(), "HISTORY_DB_PASSWORD", postgres.password()));
        addEdge();
    }

    private synchronized <T extends AutoCloseable> T opened(T part) {
        closers.push(part);
        return part;
    }

    private synchronized ServiceProcess service(String name, String main, Map<String, String> more) {
        if (isClosed) throw new IllegalStateException("the services are closed");
        var environment = new HashMap<>(more);
        environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
        return opened(new ServiceProcess(name, main, OPTIONS, environment, folder));
    }

    void addEdge() {
        var port = Ports.free();
        edgePorts.add(port);
        edges.add(service("edge-" + edges.size(), "io.rejoin.edge.EdgeMain",
                Map.of("EDGE_AUTH", "dev", "EDGE_PORT", "" + port, "EDGE_METRICS_PORT", "0", "EDGE_DRAIN_DELAY",
                        "PT0S", "EDGE_DRAIN", "PT1S", "EDGE_HISTORY_URL", "http://127.0.0.1:" + historyPort)));
        awaitWell(edges.size() - 1, "http");
    }

    /** Stops the first edge in order and restarts it, with more configuration for this start only. */
    void restartEdge(Map<String, String> more) {
        restart(edges.getFirst(), more);
        awaitWell(0, more.containsKey("EDGE_TLS_CERT") ? "https" : "http");
    }

    /** Restarts history, which then has no messages in memory. */
    void restartHistory() {
        restart(history, Map.of());
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).ignoreExceptions()
                .until(() -> askHistory("/health/ready").statusCode() == 200);
    }

    /** Restarts a service; fails after the close, which another thread may do meanwhile when the user ends the run. */
    private synchronized void restart(ServiceProcess service, Map<String, String> more) {
        if (isClosed) throw new IllegalStateException("the services are closed");
        service.terminate();
        service.restart(more);
    }

    private void awaitWell(int edge, String scheme) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).ignoreExceptions()
                .until(() -> get(scheme + "://127.0.0.1:" + edgePorts.get(edge) + "/health").body()
                        .contains("\"status\":\"ok\""));
    }

    /** Sends a GET request to the history service. */
    HttpResponse<String> askHistory(String pathAndQuery) throws IOException, InterruptedException {
        return get("http://127.0.0.1:" + historyPort + pathAndQuery);
    }

    private HttpResponse<String> get(String uri) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(30)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    URI edge(int index) {
        return URI.create("ws://127.0.0.1:" + edgePorts.get(index));
    }

    EmbeddedPostgres postgres() {
        return postgres;
    }

    /** Returns once routers and history have no lag. */
    void awaitRead() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(log::isRead);
    }

    /** The resources that all parts have used until now. */
    Reading reading() throws InterruptedException {
        var cpu = new EnumMap<Part, Duration>(Part.class);
        cpu.put(Part.EDGE, Proc.cpu(List.of(edgePid())));
        cpu.put(Part.OTHER_EDGES, Proc.cpu(edges.stream().skip(1).map(ServiceProcess::pid).toList()));
        cpu.put(Part.ROUTER, Proc.cpu(List.of(routerPid())));
        cpu.put(Part.HISTORY, Proc.cpu(List.of(history.pid())));
        cpu.put(Part.KAFKA, Proc.cpu(List.of(kafka.pid())));
        cpu.put(Part.POSTGRES, Proc.cpu(tree(postgres.pid())));
        return new Reading(Duration.ofNanos(System.nanoTime()), cpu, log.bytes());
    }

    long edgePid() {
        return edges.getFirst().pid();
    }

    long routerPid() {
        return router.pid();
    }

    private static List<Long> tree(long pid) {
        var pids = new ArrayList<>(List.of(pid));
        ProcessHandle.of(pid).ifPresent(main -> main.descendants().forEach(child -> pids.add(child.pid())));
        return pids;
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        while (!closers.isEmpty()) {
            try {
                closers.pop().close();
            } catch (Exception e) { // the others must be closed too
                System.err.println("cannot stop all processes: " + e);
            }
        }
    }
}
