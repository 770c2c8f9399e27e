package io.rejoin.history.api;

import io.rejoin.history.store.ErasureStore;
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
    private static final Duration GRACE_PERIOD = Duration.ofSeconds(3);
    /** Connections for requests that do not wait for a message. */
    private static final int NON_WAITING_CONNECTIONS = 1000;
    /**
     * Files that may be opened after the start, for Kafka and class loading; PostgreSQL connections are counted
     * separately.
     */
    private static final int RESERVED_FILES = 128;

    /**
     * The listener's address and the limits of what it serves at once.
     *
     * @param port            0 for any free port
     * @param maxWaiters      the most requests that may wait for a message at the same time
     * @param readConnections the most PostgreSQL connections for replay
     */
    public record Limits(String host, int port, int maxWaiters, int readConnections) {}

    /**
     * Access control, and the installation that the messages belong to.
     *
     * @param installationId the id of the topic of events that the messages come from
     * @param secret         the secret that readers must send; null for none
     * @param erasureStore   the requests to erase users
     */
    public record AccessControl(String installationId, @Nullable String secret, ErasureStore erasureStore) {
        /** A text without the secret. */
        @Override
        public String toString() {
            return installationId;
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
    private final WaitingRequests waitingRequests;
    private final Listener listener;
    private final HistoryHealth health;
    private final List<Thread> threads;

    /**
     * Creates the API; it serves nothing before {@link #start}.
     *
     * @param isAlive whether all loops of the service still run
     * @param fatal   called with the failure that ended a loop, unless {@link #close} ended the loop
     */
    public Api(Limits limits, AccessControl accessControl, RecentMessages recentMessages, MessageReader reader,
            Checks checks, Metrics metrics, BooleanSupplier isAlive, Consumer<Throwable> fatal) {
        this.limits = limits;
        var connections = ConnectionBudget.of(new ConnectionBudget(0, limits.maxWaiters() + NON_WAITING_CONNECTIONS),
                RESERVED_FILES + limits.readConnections());
        this.waitingRequests = new WaitingRequests(maxWaitersWithin(limits.maxWaiters(), connections.plain()));
        var postgres = new DependencyCheck("postgres", checks.postgres(), System::nanoTime);
        var kafka = new DependencyCheck("kafka", checks.kafka(), System::nanoTime);
        this.health = new HistoryHealth(isAlive, postgres.dependency(), kafka.dependency(), System::nanoTime,
                Clock.systemUTC());
        this.threads = List.of(newThread("head-poller", new HeadPoller(waitingRequests, reader), fatal),
                newThread("postgres-check", postgres, fatal), newThread("kafka-check", kafka, fatal));
        var meters = new ApiMeters(metrics.registry(), waitingRequests::count);
        metrics.showReady(health::isReady);
        var replayService = new ReplayService(recentMessages, reader, waitingRequests, meters,
                Runtime.getRuntime().maxMemory() / 4);
        var routes = new Routes(metrics.before(health.endpoints()),
                new Guard(accessControl.installationId(), accessControl.secret(), accessControl.erasureStore()),
                accessControl.installationId(), new ReplayRoute(replayService, meters),
                new UserRoute(accessControl.erasureStore(), accessControl.secret() != null), meters);
        this.listener = new Listener(limits.host(), limits.port(),
                new Listener.Limits(connections, DEADLINES, GRACE_PERIOD), new Http(routes), fatal);
    }

    /** Keeps some connections for requests that do not wait, so that health checks are always answered. */
    private static int maxWaitersWithin(int configured, int connections) {
        return Math.min(configured, Math.max(connections - NON_WAITING_CONNECTIONS, connections / 4 * 3));
    }

    /** The listener for commits of the ingest: wakes requests that wait for the committed messages. */
    public IngestListener commitListener() {
        return waitingRequests;
    }

    /** Whether a request waits for a message. Safe for any thread. */
    public boolean hasWaiters() {
        return waitingRequests.count() > 0;
    }

    /** Sets the action to run when the first request begins to wait. The action must return at once. */
    public void onFirstWaiter(Runnable action) {
        waitingRequests.onFirstWaiter(action);
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

    private static Thread newThread(String name, Runnable loop, Consumer<Throwable> fatal) {
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
        waitingRequests.close();
        listener.close();
        threads.forEach(Thread::interrupt);
    }
}
