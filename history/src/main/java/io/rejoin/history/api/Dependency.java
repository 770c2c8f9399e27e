package io.rejoin.history.api;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An external dependency and its state, from a periodic check. The state is a current problem, if any, and a slower
 * "reliable" flag with hysteresis. Only that flag drives readiness and the log, so short interruptions affect neither.
 * A thread of its own runs the check, so health requests never wait for it.
 */
final class Dependency implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Dependency.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /**
     * The interval while the dependency is up and reliable: reads and writes notice an outage sooner than this check.
     */
    private static final Duration INTERVAL_WELL = Duration.ofSeconds(5);
    /** A dependency whose problem lasts this long is no longer reliable. */
    static final Duration TROUBLE = Duration.ofSeconds(5);
    /** A dependency that is up for this long is reliable again. */
    static final Duration CALM = Duration.ofSeconds(2);

    private final String name;
    private final Api.Check check;
    private final LongSupplier nanoTime;
    private volatile State state;

    /**
     * The result of the last check.
     *
     * @param problem    the problem; null when the dependency is up
     * @param since      when that state began, by {@code nanoTime}
     * @param isReliable the flag with hysteresis
     */
    record State(@Nullable String problem, long since, boolean isReliable) {}

    /** Up and reliable until the first check. */
    Dependency(String name, Api.Check check, LongSupplier nanoTime) {
        this.name = name;
        this.check = check;
        this.nanoTime = nanoTime;
        this.state = new State(null, nanoTime.getAsLong(), true);
    }

    String name() {
        return name;
    }

    State state() {
        return state;
    }

    /** Checks until the thread is interrupted. */
    @Override
    public void run() {
        try {
            while (true) {
                ask();
                Thread.sleep(interval());
            }
        } catch (InterruptedException _) {
            log.atDebug().addKeyValue("dependency", name).log("health check stopped");
        }
    }

    private Duration interval() {
        return state.problem() == null && state.isReliable() ? INTERVAL_WELL : INTERVAL;
    }

    void ask() {
        var problem = problem();
        var now = nanoTime.getAsLong();
        var before = state;
        var hasTurned = (problem == null) != (before.problem() == null);
        var since = hasTurned ? now : before.since();
        var lasted = now - since;
        var isReliable = problem == null
                ? before.isReliable() || lasted >= CALM.toNanos()
                : before.isReliable() && lasted < TROUBLE.toNanos();
        state = new State(problem, since, isReliable);
        if (isReliable != before.isReliable()) tell(problem);
    }

    private @Nullable String problem() {
        try {
            check.run();
            return null;
        } catch (RuntimeException e) { // every failure of the check is a problem of the dependency
            return name + ": unreachable: " + e.getMessage();
        }
    }

    private void tell(@Nullable String problem) {
        if (problem == null) log.atInfo().addKeyValue("dependency", name).log("dependency is reachable again");
        else
            log.atWarn().addKeyValue("dependency", name).addKeyValue("problem", problem)
                    .log("dependency is unreachable; history keeps trying");
    }
}
