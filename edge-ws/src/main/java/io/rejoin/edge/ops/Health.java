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
 * Whether an edge lives, is fit to be sent clients, and what is wrong. Answers at once: what it tells was found out before.
 *
 * <p>Only Kafka makes an edge unfit, and that it is full; and that it hears nothing of some shards, if another edge does: it is
 * {@code dark}, which is mostly the fault of a router, and then all edges are. Without history live messages go on, and what clients missed comes
 * late; without the keys of tokens those who are connected stay so. All edges would go at once if they went for that.
 */
public final class Health implements Runnable {
    private static final Duration INTERVAL = Duration.ofMillis(250);
    /** While all is well: some seconds pass anyway until trouble counts. */
    private static final Duration INTERVAL_WELL = Duration.ofSeconds(1);
    private static final String FULL = "full: nobody more is let in until some connections have gone. Start more edges, or raise"
            + " EDGE_MAX_CONNECTIONS and, if the log warned of it at the start, the limit of open files";

    private static final String DRAINED = "drained: an operator asked for it, by infra/rejoinctl drain. Nobody is let in until"
            + " that is taken back by --undo, or this process is started anew";

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
     * @param full     whether nobody more is let in
     * @param others   without which the edge is degraded, not unfit
     * @param alive    whether all that the edge lives by still runs
     * @param nanoTime what time has passed, as {@code System.nanoTime} does
     * @param clock    for people
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
     * What an edge needs to be fit.
     *
     * @param isWellElsewhere whether another edge is well: only then routers count
     */
    public record Needs(Dependency kafka, Dependency routers, BooleanSupplier isWellElsewhere) {}

    /** Something the edge needs: {@code up} or {@code down}, and since when. */
    record Part(String state, String since, @Nullable String problem) {}

    /** For people: {@code ok}, {@code degraded}, {@code unready}, {@code dark}, {@code full}, {@code drained} or {@code draining}, and what is wrong. */
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

    /** From here on the edge is not fit, for it goes away. */
    public void drain() {
        draining = true;
    }

    /** Whether an operator wants nobody to be sent here. */
    public void drained(boolean isAsked) {
        drained = isAsked;
    }

    public boolean isDrained() {
        return drained;
    }

    /** Whether the process is worth keeping; does not follow what it depends on. */
    boolean isLive() {
        return alive.getAsBoolean();
    }

    /** Whether clients should be sent here. */
    public boolean isReady() {
        return !full.getAsBoolean() && isFit();
    }

    private boolean isFit() {
        if (draining || drained || !isLive() || !needs.kafka().state().isReliable()) return false;
        return !isDark() || !(needs.isWellElsewhere().getAsBoolean()
                || needs.routers().isAwaited(nanoTime.getAsLong()));
    }

    private boolean isDark() {
        return !needs.routers().state().isReliable();
    }

    /** What is told over HTTP, by path. */
    Map<String, Supplier<Answer>> pages() {
        return Map.of("/health", () -> Answer.json(status(isReady()), report()), //
                "/health/live", () -> answer("live", isLive()), //
                "/health/ready", () -> answer("ready", isReady()));
    }

    private static Answer answer(String question, boolean answer) {
        return Answer.json(status(answer), Map.of(question, answer));
    }

    private static int status(boolean isWell) {
        return isWell ? 200 : 503;
    }

    /** As the report has it. */
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
