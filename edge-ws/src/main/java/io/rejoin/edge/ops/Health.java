package io.rejoin.edge.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.listener.http.Answer;
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
public final class Health implements Runnable {
    private static final Duration INTERVAL = Duration.ofMillis(250);
    /** The interval while all is healthy: a problem counts only after some seconds anyway. */
    private static final Duration INTERVAL_WELL = Duration.ofSeconds(1);
    private static final String FULL = "full: this edge accepts no client until a connection ends. Start"
            + " more edges, or raise EDGE_MAX_CONNECTIONS and, if the log warned of it at the start, the limit of open"
            + " files";

    private static final String DRAINED = "drained: an operator ran infra/rejoinctl drain. This edge accepts no client"
            + " until the operator runs it with --undo, or restarts this process";

    private final IntSupplier connections;
    private final BooleanSupplier full;
    private final BooleanSupplier alive;
    private final Needs needs;
    private final List<Dependency> others;
    private final LongSupplier nanoTime;
    private final Clock clock;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean draining;
    private volatile boolean drained;

    /**
     * @param full     whether the edge accepts no more clients
     * @param alive    whether all required threads still run
     * @param others   dependencies whose problems make the edge degraded, but not unready
     * @param nanoTime the clock for durations, such as {@code System.nanoTime}
     * @param clock    the clock for times shown to people
     */
    public Health(IntSupplier connections, BooleanSupplier full, BooleanSupplier alive, Needs needs,
            List<Dependency> others,
            LongSupplier nanoTime, Clock clock) {
        this.connections = connections;
        this.full = full;
        this.alive = alive;
        this.needs = needs;
        this.others = List.copyOf(others);
        this.nanoTime = nanoTime;
        this.clock = clock;
    }

    /**
     * The dependencies that can make an edge unready.
     *
     * @param isWellElsewhere whether another edge is healthy; only then missing streams from routers make this one
     *                        unready
     */
    public record Needs(Dependency kafka, Dependency routers, BooleanSupplier isWellElsewhere) {}

    /** A dependency in the report: {@code up} or {@code down}, and since when. */
    record Part(String state, String since, @Nullable String problem) {}

    /**
     * The report for people.
     *
     * @param status {@code ok}, {@code degraded}, {@code unready}, {@code dark}, {@code full}, {@code drained} or
     *               {@code draining}
     */
    record Report(String status, int connections, @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> problems,
            Map<String, Part> dependencies) {
        Report {
            problems = List.copyOf(problems);
            dependencies = Collections.unmodifiableMap(new LinkedHashMap<>(dependencies)); // keeps the order
        }
    }

    @Override
    public void run() {
        try {
            do {
                look();
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
        var isWell = Stream.concat(Stream.of(needs.kafka(), needs.routers()), others.stream())
                .allMatch(Dependency::isWell);
        return isWell ? INTERVAL_WELL : INTERVAL;
    }

    void look() {
        var now = nanoTime.getAsLong();
        needs.kafka().look(now);
        needs.routers().look(now);
        others.forEach(each -> each.look(now));
    }

    /** Makes the edge unready for good, because it is about to end. */
    public void drain() {
        draining = true;
    }

    /** Sets whether an operator has drained the edge. A drained edge is not ready. */
    public void drained(boolean isAsked) {
        drained = isAsked;
    }

    public boolean isDrained() {
        return drained;
    }

    /** Whether the process works. Does not depend on other services. */
    boolean isLive() {
        return alive.getAsBoolean();
    }

    /** Whether load balancers should send clients to this edge. */
    public boolean isReady() {
        return !full.getAsBoolean() && isFit();
    }

    private boolean isFit() {
        if (draining || drained || !isLive() || !needs.kafka().state().isReliable()) return false;
        return !isDark() || !(needs.isWellElsewhere().getAsBoolean()
                || needs.routers().hasWaiters(nanoTime.getAsLong()));
    }

    private boolean isDark() {
        return !needs.routers().state().isReliable();
    }

    /** The HTTP answers, by path. */
    Map<String, Supplier<Answer>> pages() {
        return Map.of("/health", () -> Answer.json(status(isReady()), report()), //
                "/health/live", () -> answer("live", isLive()), //
                "/health/ready", () -> answer("ready", isReady()));
    }

    private static Answer answer(String pendingRequest, boolean answer) {
        return Answer.json(status(answer), Map.of(pendingRequest, answer));
    }

    private static int status(boolean isWell) {
        return isWell ? 200 : 503;
    }

    /** The status in one word, as in the report. */
    public String status() {
        return report().status();
    }

    Report report() {
        var parts = new LinkedHashMap<String, Part>();
        Stream.concat(Stream.of(needs.kafka(), needs.routers()), others.stream())
                .forEach(each -> parts.put(each.name(), part(each.state())));
        var isFull = full.getAsBoolean();
        var problems = Stream.concat(parts.values().stream().flatMap(part -> Stream.ofNullable(part.problem())),
                Stream.concat(isFull ? Stream.of(FULL) : Stream.empty(), drained ? Stream.of(DRAINED) : Stream.empty()))
                .toList();
        return new Report(status(isFull, problems.isEmpty()), connections.getAsInt(), problems, parts);
    }

    private String status(boolean isFull, boolean isFine) {
        if (draining) return "draining";
        if (drained) return EdgeHeartbeat.DRAINED;
        if (!isFit()) return "unready";
        if (isDark()) return "dark";
        if (isFull) return "full";
        return isFine ? "ok" : "degraded";
    }

    private Part part(Dependency.State state) {
        var since = clock.instant().minusNanos(nanoTime.getAsLong() - state.since()).truncatedTo(ChronoUnit.SECONDS);
        return new Part(state.problem() == null ? "up" : "down", since.toString(), state.problem());
    }
}
