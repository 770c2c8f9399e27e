package io.rejoin.edge.ops;

import io.rejoin.edge.config.MetricsConfig;
import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.Http;
import io.rejoin.listener.http.PagesByPath;
import io.rejoin.listener.http.Site;
import io.rejoin.metrics.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code GET /metrics} on a separate port, because the edge's other port is open to the internet. Serves the
 * health pages, too. This port never uses TLS.
 */
public final class MetricsServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MetricsServer.class);
    /** The maximum number of connections: more than readers of metrics need. An idle one is closed for a new one. */
    public static final int CONNECTIONS = 16;
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofMillis(500);

    private final MetricsConfig config;
    private final Site site;
    private final Consumer<Throwable> fatal;
    private Listener listener;

    /** @param fatal called when the server fails */
    public MetricsServer(MetricsConfig config, Metrics metrics, EdgeHealth health, Consumer<Throwable> fatal) {
        this.config = config;
        this.site = metrics.before(new PagesByPath(health.answersByPath()));
        this.fatal = fatal;
        this.listener = listener(config.port());
    }

    private Listener listener(int port) {
        var limits = new Listener.Limits(new ConnectionBudget(0, CONNECTIONS), Deadlines.USUAL, SHUTDOWN_TIMEOUT);
        return new Listener(config.host(), port, limits, new Http(site), fatal);
    }

    /**
     * Begins to serve on the configured port, or else on the default one. If another process has the default port, it
     * uses any free one.
     *
     * @throws IllegalStateException if it cannot listen
     */
    public void start() {
        try {
            startOnAvailablePort();
        } catch (IOException e) {
            throw new IllegalStateException("cannot listen on " + config.host() + ":" + config.port()
                    + ": EDGE_METRICS_PORT is taken, or EDGE_METRICS_HOST is not an address of this machine. Each edge"
                    + " on a machine needs its own port; 0 is any free port", e);
        }
        log.atInfo().addKeyValue("host", config.host()).addKeyValue("port", port()).log("edge serves its metrics");
    }

    private void startOnAvailablePort() throws IOException {
        try {
            listener.start();
        } catch (IOException e) {
            if (config.isNamed()) throw e;
            listener = listener(0);
            listener.start();
        }
    }

    /** The port where the server listens; 0 before it does. */
    public int port() {
        return listener.port();
    }

    @Override
    public void close() {
        listener.close();
    }
}
