package io.rejoin.history.api;

import io.rejoin.history.store.Erasures;
import io.rejoin.history.store.IngestListener;
import io.rejoin.history.store.MessageReader;
import io.rejoin.history.store.RecentMessages;
import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.Http;
import io.rejoin.metrics.Metrics;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP API. {@code GET /v1/messages}, {@code GET /v1/installation} and {@code GET} and {@code DELETE} below
 * {@code /v1/users/} need the secret. {@code GET /health} and {@code GET /metrics} do not. The listener must be on a
 * network that only edges and operators reach.
 */
public final class Api implements AutoCloseable {
    /**
     * Disconnects a client that does not read its page for 10 s: the page holds memory that other requests wait for.
     */
    private static final Deadlines DEADLINES = Deadlines.USUAL.withWrite(Duration.ofSeconds(10));
    private static final Duration GRACE = Duration.ofSeconds(3);
    /** Connections for requests that do not wait for a message. */
    private static final int NOT_WAITING = 1000;
    /**
     * Files that may be opened after the start, for Kafka and class loading; PostgreSQL connections are counted
     * separately.
     */
    private static final int RESERVE = 128;

    /**
     * The listener's address and the limits of what it serves at once.
     *
     * @param port       0 for any free port
     * @param maxWaiters the most requests that may wait for a message at the same time
     * @param readers    the most PostgreSQL connections for replay
     */
    public record Limits(String host, int port, int maxWaiters, int readers) {}

    /**
     * Access control, and the installation that the messages belong to.
     *
     * @param installation the id of the topic of events that the messages come from
     * @param secret       the secret that readers must send; null for none
     * @param erasures     the requests to erase users
     */
    public record Access(String installation, @Nullable String secret, Erasures erasures) {
        /** A text without the secret. */
        @Override
        public String toString() {
            return installation;
        }
    }

    /** A health check: throws an unchecked exception within a few seconds if the dependency has a problem. */
    @FunctionalInterface
    public interface Check {
        void run();
    }

    /** The health checks of the external dependencies. */
    public record Checks(Check postgres, Check kafka) {}

    private final Limits limits;
    private final HeadWatch watch;
    private final Listener listener;
    private final Health health;
    private final List<Thread> threads;

    /**
     * Creates the API; it serves nothing before {@link #start}.
     *
     * @param alive whether all loops of the service still run
     * @param fatal called with the failure that ended a loop, unless {@link #close} ended the loop
     */
    public Api(Limits limits, Access access, RecentMessages tail, MessageReader reader, Checks checks, Metrics metrics,
            BooleanSupplier alive, Consumer<Throwable> fatal) {
        this.limits = limits;
        var connections = ConnectionBudget.of(new ConnectionBudget(0, limits.maxWaiters() + NOT_WAITING),
                RESERVE + limits.readers());
        this.watch = new HeadWatch(waiters(limits.maxWaiters(), connections.plain()));
        var postgres = new Dependency("postgres", checks.postgres(), System::nanoTime);
        var kafka = new Dependency("kafka", checks.kafka(), System::nanoTime);
        this.health = new Health(alive, postgres, kafka, System::nanoTime, Clock.systemUTC());
        this.threads = List.of(thread("head-poller", new HeadPoller(watch, reader), fatal),
                thread("postgres-check", postgres, fatal), thread("kafka-check", kafka, fatal));
        var meters = new ApiMeters(metrics.registry(), watch::count);
        metrics.showReady(health::isReady);
        var replays = new Replays(tail, reader, watch, meters, Runtime.getRuntime().maxMemory() / 4);
        var routes = new Routes(metrics.before(health.pages()),
                new Guard(access.installation(), access.secret(), access.erasures()),
                access.installation(), new ReplayRoute(replays, meters),
                new UserRoute(access.erasures(), access.secret() != null), meters);
        this.listener = new Listener(limits.host(), limits.port(),
                new Listener.Limits(connections, DEADLINES, GRACE), new Http(routes), fatal);
    }

    /** Keeps some connections for requests that do not wait, so that health checks are always answered. */
    private static int waiters(int most, int connections) {
        return Math.min(most, Math.max(connections - NOT_WAITING, connections / 4 * 3));
    }

    /** The listener for commits of the ingest: wakes requests that wait for the committed messages. */
    public IngestListener growth() {
        return watch;
    }

    /** Whether a request waits for a message. Safe for any thread. */
    public boolean hasWaiters() {
        return watch.count() > 0;
    }

    /** Sets the action to run when the first request begins to wait. The action must return at once. */
    public void onFirstWaiter(Runnable action) {
        watch.onFirstWaiter(action);
    }

    /**
     * Starts to serve.
     *
     * @throws IllegalStateException if the listener cannot listen at its address
     */
    public void start() {
        try {
            listener.start();
        } catch (IOException e) {
            throw new IllegalStateException("cannot listen on " + limits.host() + ":" + limits.port()
                    + "; check that HISTORY_PORT is free and HISTORY_HOST is an address of this machine", e);
        }
        threads.forEach(Thread::start);
    }

    public int port() {
        return listener.port();
    }

    private static Thread thread(String name, Runnable loop, Consumer<Throwable> fatal) {
        return Thread.ofVirtual().name(name).uncaughtExceptionHandler((_, cause) -> fatal.accept(cause))
                .unstarted(loop);
    }

    /** Reports "not ready" from now on. Requests are still answered until {@link #close}. */
    public void drain() {
        health.drain();
    }

    /** Answers waiting requests with the messages that are stored, and ends within a few seconds. */
    @Override
    public void close() {
        watch.close();
        listener.close();
        threads.forEach(Thread::interrupt);
    }
}
