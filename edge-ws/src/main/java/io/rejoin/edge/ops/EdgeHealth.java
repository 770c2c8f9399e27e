package io.rejoin.edge.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.listener.http.Answer;
import io.rejoin.resilience.Dependency;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The health of an edge: whether it is live, whether it is ready for clients, and its problems. Answers at once, from
 * checks that ran before.
 *
 * <p>An edge is not ready if Kafka is unreliable or the edge is full. It is {@code dark} if some shards have no stream.
 * A router usually causes that, and then all edges are dark. So a dark edge is unready only if another edge is healthy,
 * or while the first streams may still come. History and the keys for tokens never make an edge unready: without
 * history, live messages continue and missed ones come late; without keys, connected clients stay connected. All edges
 * lack them at the same time, so all would become unready at once.
 */
public final class EdgeHealth implements Runnable {
    private static final Duration INTERVAL = Duration.ofMillis(250);
    /** The interval while all is healthy: a problem counts only after some seconds anyway. */
    private static final Duration INTERVAL_HEALTHY = Duration.ofSeconds(1);
    private static final String FULL = "full: this edge accepts no client until a connection ends. Start"
            + " more edges, or raise EDGE_MAX_CONNECTIONS and, if the log warned of it at the start, the limit of open"
            + " files";

    private static final String DRAINED = "drained: an operator ran infra/rejoinctl drain. This edge accepts no client"
            + " until the operator runs it with --undo, or restarts this process";

    private final IntSupplier connections;
    private final BooleanSupplier isFull;
    private final BooleanSupplier isAlive;
    private final RequiredDependencies required;
    private final List<Dependency> optional;
    private final LongSupplier nanoTime;
    private final Clock clock;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean isDraining;
    private volatile boolean isDrained;

    /**
     * @param isFull   whether the edge accepts no more clients
     * @param isAlive  whether all required threads still run
     * @param optional dependencies whose problems make the edge degraded, but not unready
     * @param nanoTime the clock for durations, such as {@code System.nanoTime}
     * @param clock    the clock for times shown to people
     */
    public EdgeHealth(IntSupplier connections, BooleanSupplier isFull, BooleanSupplier isAlive,
            RequiredDependencies required, List<Dependency> optional, LongSupplier nanoTime, Clock clock) {
        this.connections = connections;
        this.isFull = isFull;
        this.isAlive = isAlive;
        this.required = required;
        this.optional = List.copyOf(optional);
        this.nanoTime = nanoTime;
        this.clock = clock;
    }

    /**
     * The dependencies that can make an edge unready.
     *
     * @param isAnotherEdgeHealthy whether another edge is healthy; only then missing streams from routers make this one
     *                             unready
     */
    public record RequiredDependencies(Dependency kafka, Dependency routers, BooleanSupplier isAnotherEdgeHealthy) {}

    /** A dependency in the report: {@code up} or {@code down}, and since when. */
    record DependencyReport(String state, String since, @Nullable String problem) {}

    /**
     * The report for people.
     *
     * @param status {@code ok}, {@code degraded}, {@code unready}, {@code dark}, {@code full}, {@code drained} or
     *               {@code draining}
     */
    record Report(String status, int connections, @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> problems,
            Map<String, DependencyReport> dependencies) {
        Report {
            problems = List.copyOf(problems);
            dependencies = Collections.unmodifiableMap(new LinkedHashMap<>(dependencies)); // keeps the order
        }
    }

    @Override
    public void run() {
        try {
            do {
                update();
            } while (!stopped.await(interval().toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        stopped.countDown();
    }

    private Duration interval() {
        var isHealthy = Stream.concat(Stream.of(required.kafka(), required.routers()), optional.stream())
                .map(Dependency::state).allMatch(Dependency.State::isHealthy);
        return isHealthy ? INTERVAL_HEALTHY : INTERVAL;
    }

    void update() {
        var now = nanoTime.getAsLong();
        required.kafka().update(now);
        required.routers().update(now);
        optional.forEach(each -> each.update(now));
    }

    /** Makes the edge unready for good, because it is about to end. */
    public void setDraining() {
        isDraining = true;
    }

    /** Sets whether an operator has drained the edge. A drained edge is not ready. */
    public void setDrained(boolean isDrained) {
        this.isDrained = isDrained;
    }

    public boolean isDrained() {
        return isDrained;
    }

    /** Whether the process works. Does not depend on other services. */
    boolean isLive() {
        return isAlive.getAsBoolean();
    }

    /** Whether load balancers should send clients to this edge. */
    public boolean isReady() {
        return !isFull.getAsBoolean() && isReadyUnlessFull();
    }

    private boolean isReadyUnlessFull() {
        if (isDraining || isDrained || !isLive() || !required.kafka().state().isReliable()) return false;
        return !isDark() || !(required.isAnotherEdgeHealthy().getAsBoolean()
                || required.routers().isStarting(nanoTime.getAsLong()));
    }

    private boolean isDark() {
        return !required.routers().state().isReliable();
    }

    /** The HTTP answers, by path. */
    Map<String, Supplier<Answer>> answersByPath() {
        return Map.of("/health", () -> Answer.json(httpStatus(isReady()), report()), //
                "/health/live", () -> answer("live", isLive()), //
                "/health/ready", () -> answer("ready", isReady()));
    }

    private static Answer answer(String name, boolean isTrue) {
        return Answer.json(httpStatus(isTrue), Map.of(name, isTrue));
    }

    private static int httpStatus(boolean isHealthy) {
        return isHealthy ? 200 : 503;
    }

    /** The status in one word, as in the report. */
    public String status() {
        return report().status();
    }

    Report report() {
        var dependencies = new LinkedHashMap<String, DependencyReport>();
        Stream.concat(Stream.of(required.kafka(), required.routers()), optional.stream())
                .forEach(each -> dependencies.put(each.name(), report(each.state())));
        var hasNoSlot = isFull.getAsBoolean();
        var problems = Stream.concat(
                dependencies.values().stream().flatMap(dependency -> Stream.ofNullable(dependency.problem())),
                Stream.concat(hasNoSlot ? Stream.of(FULL) : Stream.empty(),
                        isDrained ? Stream.of(DRAINED) : Stream.empty()))
                .toList();
        return new Report(status(hasNoSlot, problems.isEmpty()), connections.getAsInt(), problems, dependencies);
    }

    private String status(boolean hasNoSlot, boolean hasNoProblem) {
        if (isDraining) return "draining";
        if (isDrained) return EdgeHeartbeat.DRAINED;
        if (!isReadyUnlessFull()) return "unready";
        if (isDark()) return "dark";
        if (hasNoSlot) return "full";
        return hasNoProblem ? "ok" : "degraded";
    }

    private DependencyReport report(Dependency.State state) {
        var since = clock.instant().minusNanos(nanoTime.getAsLong() - state.since()).truncatedTo(ChronoUnit.SECONDS);
        return new DependencyReport(state.problem() == null ? "up" : "down", since.toString(), state.problem());
    }
}
