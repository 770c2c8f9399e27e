package io.rejoin.router.ops;

import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.Http;
import io.rejoin.listener.http.PagesByPath;
import io.rejoin.listener.http.Site;
import io.rejoin.metrics.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /health/live} and {@code /health/ready}: 200 or 503, for whoever restarts a router and whoever waits for it;
 * {@code /health}: for people; {@code /metrics}: for Prometheus. It asks for no token: it belongs on a network that only
 * operators reach.
 */
public final class HealthServer implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final int CONNECTIONS = 256;
    /** Files for what is opened after the start: Kafka, classes. */
    private static final int RESERVE = 128;

    private final Listener listener;
    private volatile @Nullable Health health;

    /**
     * Begins to serve. Until there is a {@link #serve health} the router is live and not ready.
     *
     * @param port  0 is any free one
     * @param fatal called when it can serve no longer
     * @throws IllegalStateException if it cannot listen
     */
    public HealthServer(String host, int port, Metrics metrics, Consumer<Throwable> fatal) {
        var connections = ConnectionBudget.of(new ConnectionBudget(0, CONNECTIONS), RESERVE);
        this.listener = new Listener(host, port, new Listener.Limits(connections, Deadlines.USUAL, GRACE),
                new Http(metrics.before(pages())), fatal);
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
