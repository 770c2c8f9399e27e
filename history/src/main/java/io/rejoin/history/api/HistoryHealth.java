package io.rejoin.history.api;

import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.PagesByPath;
import io.rejoin.listener.http.Site;
import io.rejoin.resilience.Dependency;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Health pages: {@code GET /health/live}, {@code /health/ready} and {@code /health} report liveness, readiness and
 * current problems. They answer at once, from the last results of the checks.
 *
 * <p>Of the dependencies, only PostgreSQL affects readiness. Without Kafka, the service still serves the messages it
 * has.
 */
final class HistoryHealth {
    private final BooleanSupplier isAlive;
    private final Dependency postgres;
    private final Dependency kafka;
    private final LongSupplier nanoTime;
    private final Clock clock;
    private volatile boolean isDraining;

    /**
     * @param isAlive  whether all loops of the service still run
     * @param nanoTime a monotonic clock, such as {@code System.nanoTime}
     * @param clock    the wall clock, for the times in the report
     */
    HistoryHealth(BooleanSupplier isAlive, Dependency postgres, Dependency kafka, LongSupplier nanoTime, Clock clock) {
        this.isAlive = isAlive;
        this.postgres = postgres;
        this.kafka = kafka;
        this.nanoTime = nanoTime;
        this.clock = clock;
    }

    /** The health pages by path. */
    Site endpoints() {
        return new PagesByPath(Map.of("/health", () -> answer(isReady(), report()), //
                "/health/live", () -> answer(isLive(), Map.of("live", isLive())), //
                "/health/ready", () -> answer(isReady(), Map.of("ready", isReady()))));
    }

    /** Reports "not ready" from now on, because the service stops. */
    void drain() {
        isDraining = true;
    }

    boolean isLive() {
        return isAlive.getAsBoolean();
    }

    boolean isReady() {
        return !isDraining && isLive() && postgres.state().isReliable();
    }

    /**
     * The report for people: the status is {@code ok}, {@code degraded}, {@code unready} or {@code draining}. For each
     * dependency the report has the state and its begin.
     */
    Map<String, Object> report() {
        var dependencies = new LinkedHashMap<String, Map<String, String>>();
        for (var each : List.of(kafka, postgres)) dependencies.put(each.name(), dependencyReport(each.state()));
        var isHealthy = kafka.state().problem() == null && postgres.state().problem() == null;
        var report = new LinkedHashMap<String, Object>();
        report.put("status", isDraining ? "draining" : !isReady() ? "unready" : isHealthy ? "ok" : "degraded");
        report.put("dependencies", dependencies);
        return report;
    }

    private Map<String, String> dependencyReport(Dependency.State state) {
        var since = clock.instant().minusNanos(nanoTime.getAsLong() - state.since()).truncatedTo(ChronoUnit.SECONDS);
        var fields = new LinkedHashMap<String, String>();
        fields.put("state", state.problem() == null ? "up" : "down");
        fields.put("since", since.toString());
        if (state.problem() != null) fields.put("problem", state.problem());
        return fields;
    }

    private static Answer answer(boolean isHealthy, Map<String, ?> body) {
        return Answer.json(isHealthy ? 200 : 503, body);
    }
}
