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
 * Where a router listens. For edges: streams, see {@link io.rejoin.link}. For whoever operates it: {@code GET /health/live} and
 * {@code /health/ready}, 200 or 503, for whoever restarts a router and whoever waits for it; {@code /health}, for people;
 * {@code /metrics}, for Prometheus. These ask for no token: it belongs on a network that only edges and operators reach.
 */
public final class HealthServer implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final int CONNECTIONS = 256;
    /** More edges than any installation has. */
    private static final int EDGES = 1024;
    /** Files for what is opened after the start: Kafka, classes. */
    private static final int RESERVE = 128;

    private final Listener listener;
    private volatile @Nullable Health health;

    /**
     * Begins to serve. Until there is a {@link #serve health} the router is live and not ready.
     *
     * @param port  0 is any free one
     * @param link  takes in the streams of edges
     * @param fatal called when it can serve no longer
     * @throws IllegalStateException if it cannot listen
     */
    public HealthServer(String host, int port, Metrics metrics, Upgrade link, Consumer<Throwable> fatal) {
        var connections = ConnectionBudget.of(new ConnectionBudget(EDGES, CONNECTIONS), RESERVE);
        this.listener = new Listener(host, port, new Listener.Limits(connections, Deadlines.USUAL, GRACE),
                new Http(metrics.before(pages()), link), fatal);
        try {
            listener.start();
        } catch (IOException e) {
            throw new IllegalStateException("cannot listen on " + host + ":" + port
                    + ": is ROUTER_PORT taken, or ROUTER_HOST"
                    + " no address of this machine? Several routers on one need ports of their own; 0 is any free one",
                    e);
        }
    }

    public int port() {
        return listener.port();
    }

    /** From now on it tells of this. */
    public void serve(Health started) {
        health = started;
    }

    private Site pages() {
        return new PagesByPath(Map.of("/health", this::report, //
                "/health/live", () -> answer(health == null || health.isLive()), //
                "/health/ready", () -> answer(health != null && health.isReady())));
    }

    private Answer report() {
        var present = health;
        return present == null
                ? Answer.json(503, Map.of("status", "starting"))
                : Answer.json(present.isReady() ? 200 : 503, present.report());
    }

    private static Answer answer(boolean yes) {
        return Answer.json(yes ? 200 : 503, Map.of("status", yes ? "ok" : "unavailable"));
    }

    @Override
    public void close() {
        listener.close();
    }
}
