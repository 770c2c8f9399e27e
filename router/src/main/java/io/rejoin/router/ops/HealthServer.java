package io.rejoin.router.ops;

import com.fasterxml.jackson.core.JacksonException;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import io.rejoin.contracts.Json;
import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /health/live} and {@code /health/ready}: 200 or 503, for whoever restarts a router and whoever waits for it;
 * {@code /health}: for people. It asks for no token: it belongs on a network that only operators reach.
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
    public HealthServer(String host, int port, Consumer<Throwable> fatal) {
        var connections = ConnectionBudget.of(new ConnectionBudget(0, CONNECTIONS), RESERVE);
        this.listener = new Listener(host, port, new Listener.Limits(connections, Deadlines.USUAL, GRACE),
                Listener.http1(), this::routes, fatal);
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

    private void routes(HttpRouting.Builder routing) {
        routing.get("/health/live", (_, response) -> answer(response, health == null || health.isLive()))
                .get("/health/ready", (_, response) -> answer(response, health != null && health.isReady()))
                .get("/health", (_, response) -> {
                    var present = health;
                    if (present == null) send(response, false, Map.of("status", "starting"));
                    else
                        send(response, present.isReady(), present.report());
                });
    }

    private static void answer(ServerResponse response, boolean yes) {
        send(response, yes, Map.of("status", yes ? "ok" : "unavailable"));
    }

    private static void send(ServerResponse response, boolean ok, Object body) {
        try {
            response.status(ok ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503).header(HeaderValues.CONTENT_TYPE_JSON)
                    .send(Json.MAPPER.writeValueAsBytes(body));
        } catch (JacksonException e) {
            throw new IllegalStateException("an answer of ours has no JSON", e);
        }
    }

    @Override
    public void close() {
        listener.close();
    }
}
