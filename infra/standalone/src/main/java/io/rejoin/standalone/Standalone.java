package io.rejoin.standalone;

import io.rejoin.edge.Edge;
import io.rejoin.edge.config.EdgeConfig;
import io.rejoin.embedded.EmbeddedKafka;
import io.rejoin.embedded.EmbeddedPostgres;
import io.rejoin.embedded.Ports;
import io.rejoin.history.History;
import io.rejoin.history.HistoryConfig;
import io.rejoin.router.Router;
import io.rejoin.router.RouterConfig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Runs broker, database and all services. They start in the order of their dependencies and stop in the opposite order.
 * Only {@link #close} may be called from another thread, even during a start.
 */
final class Standalone implements AutoCloseable {
    private static final int HISTORY_PORT = 8090;

    private final Options options;
    private final DataFolder folder;
    private final Map<String, String> environment;
    private final Consumer<Throwable> fatal;
    /**
     * The running parts, the last started first. The members of a group are stopped at the same time. Guarded by
     * itself.
     */
    private final Deque<List<? extends AutoCloseable>> running = new ArrayDeque<>();

    /** Creates the parts' owner; {@link #start} starts them. */
    Standalone(Options options, DataFolder folder, Map<String, String> environment, Consumer<Throwable> fatal) {
        this.options = options;
        this.folder = folder;
        this.environment = environment;
        this.fatal = fatal;
        runs(List.of(folder));
    }

    /** Starts the parts that the options ask for, and returns when they serve. */
    void start() {
        var infra = ParallelStart.<AutoCloseable>start(List.of(() -> EmbeddedKafka.start(folder.kafka(), 0),
                () -> EmbeddedPostgres.start(folder.postgres(), 0)));
        var kafka = (EmbeddedKafka) infra.getFirst();
        var postgres = (EmbeddedPostgres) infra.getLast();
        runs(List.of(kafka));
        runs(List.of(postgres));
        runs(List.of(new ProcessSupervisor("Kafka", kafka::pid, kafka::restart, fatal),
                new ProcessSupervisor("PostgreSQL", postgres::pid, postgres::restart, fatal)));
        var settings = new Settings(environment, kafka.bootstrapServers());
        if (options.infraOnly()) folder.writeEnvironment(exports(settings, postgres));
        else
            services(settings, postgres);
    }

    private void services(Settings settings, EmbeddedPostgres postgres) {
        var router = RouterConfig.from(settings.router());
        var history = HistoryConfig.from(history(settings, postgres, Ports.free()));
        var starts = new ArrayList<Callable<AutoCloseable>>();
        starts.add(() -> History.start(history, fatal));
        starts.addAll(Collections.nCopies(options.routers(), () -> Router.start(router, fatal)));
        var parts = ParallelStart.start(starts);
        var store = (History) parts.getFirst();
        runs(List.of(store));
        runs(parts.subList(1, parts.size()));
        runs(ParallelStart
                .start(IntStream.range(0, options.edges()).mapToObj(n -> edge(settings, n, store.port())).toList()));
    }

    private Callable<Edge> edge(Settings settings, int n, int historyPort) {
        var config = EdgeConfig.from(settings.edge("edge-" + (n + 1), options.port() + n, historyPort));
        return () -> Edge.start(config, fatal);
    }

    private static Map<String, String> history(Settings settings, EmbeddedPostgres postgres, int port) {
        return settings.history(postgres.jdbcUrl(), postgres.user(), postgres.password(), port);
    }

    /** The environment of services that are started separately, as lines for a shell. */
    private List<String> exports(Settings settings, EmbeddedPostgres postgres) {
        return Settings.exports(List.of(settings.router(), history(settings, postgres, HISTORY_PORT),
                settings.edge("edge", options.port(), HISTORY_PORT)));
    }

    private void runs(List<? extends AutoCloseable> group) {
        synchronized (running) {
            running.push(group);
        }
    }

    /** Stops all running parts, the last started first. */
    @Override
    public void close() {
        for (var group = next(); !group.isEmpty(); group = next()) Stop.all(group);
    }

    private List<? extends AutoCloseable> next() {
        synchronized (running) {
            return running.isEmpty() ? List.of() : running.pop();
        }
    }
}
