package io.rejoin.history.api;

import io.rejoin.history.store.Committed;
import io.rejoin.history.store.Erasures;
import io.rejoin.history.store.MessageReader;
import io.rejoin.history.store.Tail;
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
 * The HTTP side: {@code GET /v1/messages}, {@code GET /v1/installation}, {@code DELETE /v1/users/}, and {@code GET /health} and {@code GET /metrics}, which
 * ask for no secret. It belongs on a network that only edges and operators reach.
 */
public final class Api implements AutoCloseable {
    /** A client that does not take its page in that time is cut off: it holds memory that others wait for. */
    private static final Deadlines DEADLINES = Deadlines.USUAL.withWrite(Duration.ofSeconds(10));
    private static final Duration GRACE = Duration.ofSeconds(3);
    /** Connections besides those that wait for a message. */
    private static final int NOT_WAITING = 1000;
    /** Files for what is opened after the start, besides connections to PostgreSQL: Kafka, classes. */
    private static final int RESERVE = 128;

    /**
     * Where to listen, and what is served at once.
     *
     * @param port       0 is any free one
     * @param maxWaiters requests that may wait for a message at the same time
     * @param readers    connections to PostgreSQL that may be opened for them
     */
    public record Limits(String host, int port, int maxWaiters, int readers) {}

    /**
     * Who may read messages, and whose they are.
     *
     * @param installation the id of the topic they come from
     * @param secret       what a reader must send; null for nothing
     * @param erasures     who was, and is to be, erased
     */
    public record Access(String installation, @Nullable String secret, Erasures erasures) {
        /** Without the secret. */
        @Override
        public String toString() {
            return installation;
        }
    }

    /** Throws what is wrong, within a few seconds. */
    @FunctionalInterface
    public interface Check {
        void run();
    }

    /** What the service needs from outside. */
    public record Checks(Check postgres, Check kafka) {}

    private final Limits limits;
    private final HeadWatch watch;
    private final Listener listener;
    private final Health health;
    private final List<Thread> threads;

    /**
     * Serves nothing before {@link #start}.
     *
     * @param alive  whether all that the service lives by still runs
     * @param fatal  called with what ended one of its loops, if it was not {@link #close}
     */
    public Api(Limits limits, Access access, Tail tail, MessageReader reader, Checks checks, Metrics metrics,
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

    /** Some connections are for those that do not wait, so that the service can be asked for its health whatever happens. */
    private static int waiters(int most, int connections) {
        return Math.min(most, Math.max(connections - NOT_WAITING, connections / 4 * 3));
    }

    /** To be told what the ingest commits, so that those who wait for it are answered at once. */
    public Committed growth() {
        return watch;
    }

    /** Whether somebody waits for a message that is still to come. Safe for any thread. */
    public boolean isAwaited() {
        return watch.count() > 0;
    }

    /** Has that called when somebody begins to wait while nobody did; it returns at once. */
    public void whenAwaited(Runnable action) {
        watch.whenAwaited(action);
    }

    /**
     * Begins to serve.
     *
     * @throws IllegalStateException if it cannot listen
     */
    public void start() {
        try {
            listener.start();
        } catch (IOException e) {
            throw new IllegalStateException("cannot listen on " + limits.host() + ":" + limits.port()
                    + ": is HISTORY_PORT taken, or HISTORY_HOST no address of this machine?", e);
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

    /** Not ready any more; what is asked all the same is answered until {@link #close}. */
    public void drain() {
        health.drain();
    }

    /** Answers those who wait with what is there, and ends within a few seconds. */
    @Override
    public void close() {
        watch.close();
        listener.close();
        threads.forEach(Thread::interrupt);
    }
}
