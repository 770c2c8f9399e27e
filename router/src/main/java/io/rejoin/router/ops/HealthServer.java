package io.rejoin.router.ops;

import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.Http;
import io.rejoin.listener.http.PagesByPath;
import io.rejoin.listener.http.Site;
import io.rejoin.listener.http.Upgrade;
import io.rejoin.metrics.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A router's HTTP server. Edges open streams to it, see {@link io.rejoin.link}. Operators use these paths:
 * {@code GET /health/live} and {@code /health/ready} answer 200 or 503, for an orchestrator's probes; {@code /health}
 * is a report for people; {@code /metrics} is for Prometheus. They require no token, so the port belongs on a network
 * that only edges and operators can reach.
 */
public final class HealthServer implements AutoCloseable {
    private static final Duration CLOSE_GRACE = Duration.ofSeconds(1);
    private static final int MAX_OTHER_CONNECTIONS = 256;
    /** Streams of edges: more than any installation has. */
    private static final int MAX_EDGE_STREAMS = 1024;
    /** Spare file descriptors for what is opened after the start: Kafka connections, classes. */
    private static final int RESERVED_FILE_DESCRIPTORS = 128;

    private final Listener listener;
    private volatile @Nullable RouterHealth health;

    /**
     * Starts to listen. Until {@link #serve} is called, the router is live and not ready.
     *
     * @param port  0 takes any free port
     * @param link  accepts the streams of edges
     * @param onFatal called when the server cannot continue
     * @throws IllegalStateException if the server cannot listen
     */
    public HealthServer(String host, int port, Metrics metrics, Upgrade link, Consumer<Throwable> onFatal) {
        var connections = ConnectionBudget.of(new ConnectionBudget(MAX_EDGE_STREAMS, MAX_OTHER_CONNECTIONS),
                RESERVED_FILE_DESCRIPTORS);
        this.listener = new Listener(host, port, new Listener.Limits(connections, Deadlines.USUAL, CLOSE_GRACE),
                new Http(metrics.before(pages()), link), onFatal);
        try {
            listener.start();
        } catch (IOException e) {
            throw new IllegalStateException("cannot listen on " + host + ":" + port
                    + ": another process uses ROUTER_PORT, or ROUTER_HOST is not an address of this machine."
                    + " Each router on a machine needs its own port; 0 takes any free port",
                    e);
        }
    }

    public int port() {
        return listener.port();
    }

    /** Answers with this health from now on. */
    public void serve(RouterHealth newHealth) {
        health = newHealth;
    }

    private Site pages() {
        return new PagesByPath(Map.of("/health", this::report, //
                "/health/live", () -> answer(health == null || health.isLive()), //
                "/health/ready", () -> answer(health != null && health.isReady())));
    }

    private Answer report() {
        var current = health;
        return current == null
                ? Answer.json(503, Map.of("status", "starting"))
                : Answer.json(current.isReady() ? 200 : 503, current.report());
    }

    private static Answer answer(boolean isOk) {
        return Answer.json(isOk ? 200 : 503, Map.of("status", isOk ? "ok" : "unavailable"));
    }

    @Override
    public void close() {
        listener.close();
    }
}
