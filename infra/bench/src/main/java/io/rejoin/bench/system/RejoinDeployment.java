package io.rejoin.bench.system;

import io.rejoin.bench.load.Address;
import io.rejoin.bench.load.Dialects;
import io.rejoin.e2e.ServiceProcess;
import io.rejoin.embedded.EmbeddedKafka;
import io.rejoin.embedded.EmbeddedPostgres;
import io.rejoin.embedded.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All servers of Rejoin, with the options that operators use in infra/compose: both JIT compilers, the garbage
 * collector that a JVM chooses in containers of that size, and the default log level.
 */
final class RejoinDeployment implements Deployment {
    /**
     * The images give 20% of the memory to the initial heap and at most 70% to the heap. Where 70% are 512 MB, 20% are
     * 146 MB.
     */
    private static final List<String> OPTIONS = List.of("-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders", "-XX:TieredStopAtLevel=4", "-Xms146m", "-Xmx512m",
            "-Dlogback.configurationFile=logback.xml");
    private static final List<String> BROKER_OPTIONS = List.of("-XX:TieredStopAtLevel=4");
    /** Kafka's own defaults: here no killed broker has to return quickly. */
    private static final Map<String, String> BROKER_SETTINGS = Map.of("broker.session.timeout.ms", "9000",
            "broker.heartbeat.interval.ms", "2000");

    private final Path folder;
    private final Closers closers = new Closers();
    private final EmbeddedKafka kafka;
    private final EmbeddedPostgres postgres;
    private final BrokerRequests requests;
    private final int historyPort = Ports.free();
    private final ServiceProcess history;
    private final List<ServiceProcess> routers = new ArrayList<>();
    private final List<ServiceProcess> edges = new ArrayList<>();
    private final List<Address> addresses = new ArrayList<>();

    RejoinDeployment(Rejoin size, Path folder) throws IOException {
        this.folder = folder;
        try {
            kafka = closers.opened(
                    EmbeddedKafka.start(folder.resolve("kafka"), 0, List.of(), BROKER_SETTINGS, BROKER_OPTIONS));
            requests = closers.opened(new BrokerRequests(kafka.pid()));
            postgres = closers.opened(EmbeddedPostgres.start(folder.resolve("postgres"), 0));
            for (var n = 0; n < size.routers(); n++)
                routers.add(service("router-" + n, "io.rejoin.router.RouterMain",
                        Map.of("ROUTER_REPLICATION", "1", "ROUTER_PORT", "0")));
            history = service("history", "io.rejoin.history.HistoryMain", historySettings());
            for (var n = 0; n < size.edges(); n++) edges.add(edge(n));
            for (var n = 0; n < size.edges(); n++) awaitWell(n);
        } catch (IOException | RuntimeException e) {
            closers.close();
            throw e;
        }
    }

    private Map<String, String> historySettings() {
        return Map.of("HISTORY_PORT", "" + historyPort, "HISTORY_JDBC_URL", postgres.jdbcUrl(), "HISTORY_DB_USER",
                postgres.user(), "HISTORY_DB_PASSWORD", postgres.password());
    }

    private ServiceProcess edge(int number) {
        var port = Ports.free();
        addresses.add(new Address("127.0.0.1", port));
        return service("edge-" + number, "io.rejoin.edge.EdgeMain",
                Map.of("EDGE_AUTH", "dev", "EDGE_PORT", "" + port, "EDGE_NAME", "edge-" + number, "EDGE_METRICS_PORT",
                        "0", "EDGE_HISTORY_URL", historyUrl()));
    }

    private ServiceProcess service(String name, String main, Map<String, String> special) {
        var environment = new HashMap<>(special);
        environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
        return closers.opened(new ServiceProcess(name, main, OPTIONS, environment, folder));
    }

    private void awaitWell(int edge) {
        var address = addresses.get(edge);
        if (Health.isWell("http://127.0.0.1:" + address.port() + "/health")) return;
        throw new IllegalStateException("the edge " + address + " is unhealthy; output:\n" + edges.get(edge).tail());
    }

    @Override
    public String dialect() {
        return Dialects.JSON;
    }

    @Override
    public List<Address> addresses() {
        return List.copyOf(addresses);
    }

    @Override
    public Map<String, List<Long>> pids() {
        var pids = new LinkedHashMap<String, List<Long>>();
        pids.put("edge", edges.stream().map(ServiceProcess::pid).toList());
        pids.put("router", routers.stream().map(ServiceProcess::pid).toList());
        pids.put("history", List.of(history.pid()));
        pids.put("kafka", List.of(kafka.pid()));
        pids.put("postgres", tree(postgres.pid()));
        return pids;
    }

    /** The process and all its descendants. */
    static List<Long> tree(long pid) {
        return Stream.concat(Stream.of(pid),
                ProcessHandle.of(pid).stream().flatMap(ProcessHandle::descendants).map(ProcessHandle::pid)).toList();
    }

    private String historyUrl() {
        return "http://127.0.0.1:" + historyPort;
    }

    @Override
    public Optional<String> history() {
        return Optional.of(historyUrl());
    }

    @Override
    public Map<String, Long> requests() {
        return requests.counts();
    }

    @Override
    public boolean collectGarbage() {
        var jvms = Stream.of(edges, routers, List.of(history)).flatMap(List::stream).map(ServiceProcess::pid);
        Stream.concat(jvms, Stream.of(kafka.pid())).forEach(Jcmd::collectGarbage);
        return true;
    }

    @Override
    public void close() {
        closers.close();
    }
}
