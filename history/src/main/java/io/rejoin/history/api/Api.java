package io.rejoin.history.api;

import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.WebServer;
import io.rejoin.history.store.Committed;
import io.rejoin.history.store.MessageReader;
import io.rejoin.history.store.Tail;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
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

    /** Throws what is wrong, within a few seconds. */
    @FunctionalInterface
    public interface Check {
        void run();
    }

    /** What the service needs from outside. */
    public record Checks(Check postgres, Check kafka) {}

    private final Limits limits;
    private final HeadWatch watch;
    private final WebServer server;
    private final Health health;
    private final List<Thread> threads;

    /**
     * Serves nothing before {@link #start}.
     *
     * @param alive  whether all that the service lives by still runs
     * @param fatal  called with what ended one of its loops, if it was not {@link #close}
     */
    public Api(Limits limits, Tail tail, MessageReader reader, Checks checks, BooleanSupplier alive,
            Consumer<Throwable> fatal) {
        this.limits = limits;
        this.watch = new HeadWatch(limits.maxWaiters());
        var postgres = new Dependency("postgres", checks.postgres(), System::nanoTime);
        var kafka = new Dependency("kafka", checks.kafka(), System::nanoTime);
        this.health = new Health(alive, postgres, kafka, System::nanoTime, Clock.systemUTC());
        this.threads = List.of(thread("head-poller", new HeadPoller(watch, reader), fatal),
                thread("postgres-check", postgres, fatal), thread("kafka-check", kafka, fatal));
        var replay = new ReplayRoutes(new Replays(tail, reader, watch));
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
        threads.forEach(Thread::start);
    }

    public int port() {
        return server.port();
    }

    private static Thread thread(String name, Runnable loop, Consumer<Throwable> fatal) {
        return Thread.ofVirtual().name(name).uncaughtExceptionHandler((_, cause) -> fatal.accept(cause))
                .unstarted(loop);
    }

    /** Not ready any more; what is asked all the same is answered until {@link #close}. */
    public void drain() {
        health.drain();
    }

    /** Answers those who wait with what is there, and ends within a few seconds. */
    @Override
    public void close() {
        watch.close();
        server.stop();
        threads.forEach(Thread::interrupt);
    }
}
