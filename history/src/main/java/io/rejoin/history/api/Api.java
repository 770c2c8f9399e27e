package io.rejoin.history.api;

import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.WebServer;
import io.rejoin.history.store.Committed;
import io.rejoin.history.store.MessageReader;
import io.rejoin.history.store.Tail;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The HTTP side: {@code GET /v1/messages} and {@code GET /health}. It asks for no token and refuses nobody: it belongs on a
 * network that only edges and operators reach.
 */
public final class Api implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(3);

    /**
     * Where to listen, and what is served at once.
     *
     * @param port       0 is any free one
     * @param maxWaiters requests that may wait for a message at the same time
     */
    public record Limits(String host, int port, int maxWaiters) {}

    private final Limits limits;
    private final HeadWatch watch;
    private final WebServer server;
    private final Thread poller;

    /**
     * Serves nothing before {@link #start}.
     *
     * @param checks what {@code /health} looks at, by name
     * @param fatal  called with what ended the poller of heads, if it was not {@link #close}
     */
    public Api(Limits limits, Tail tail, MessageReader reader, Map<String, Health.Check> checks,
            Consumer<Throwable> fatal) {
        this.limits = limits;
        this.watch = new HeadWatch(limits.maxWaiters());
        this.poller = Thread.ofVirtual().name("head-poller").uncaughtExceptionHandler((_, cause) -> fatal.accept(cause))
                .unstarted(new HeadPoller(watch, reader));
        var replay = new ReplayRoutes(new Replays(tail, reader, watch));
        var health = new Health(checks);
        this.server = WebServer.builder().host(limits.host()).port(limits.port()).shutdownHook(false)
                .shutdownGracePeriod(GRACE).connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
                .routing(routing -> routing.register(replay, health)).build();
    }

    /** To be told what the ingest commits, so that those who wait for it are answered at once. */
    public Committed growth() {
        return watch;
    }

    /**
     * Begins to serve.
     *
     * @throws IllegalStateException if it cannot listen
     */
    public void start() {
        server.start();
        if (!server.isRunning())
            throw new IllegalStateException("cannot listen on " + limits.host() + ":" + limits.port()
                    + ": is HISTORY_PORT taken, or HISTORY_HOST no address of this machine?"); // the server just logs that
        poller.start();
    }

    public int port() {
        return server.port();
    }

    /** Answers those who wait with what is there, and ends within a few seconds. */
    @Override
    public void close() {
        watch.close();
        server.stop();
        poller.interrupt();
    }
}
