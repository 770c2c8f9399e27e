package io.rejoin.edge.ops;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An external service that the edge needs. Hysteresis turns its noisy check into a stable state,
 * {@link State#isReliable}. So a flapping service disturbs neither load balancers nor the log.
 */
public final class Dependency {
    private static final Logger log = LoggerFactory.getLogger(Dependency.class);
    /** After this long with a problem, the service is unreliable. */
    static final Duration TROUBLE = Duration.ofSeconds(5);
    /** After this long without a problem, the service is reliable again. */
    static final Duration CALM = Duration.ofSeconds(2);

    private final String name;
    private final Supplier<@Nullable String> check;
    private volatile State state;
    /** Whether the service was never healthy. Only the thread that calls {@link #look} changes it. */
    private volatile boolean isUnproven;

    /**
     * The state at the last {@link #look}.
     *
     * @param problem the present problem; null if healthy
     * @param since   when the problem began or ended, by the same clock as {@link #look}
     */
    record State(@Nullable String problem, long since, boolean isReliable) {}

    /**
     * Creates a dependency that is reliable until {@link #look} finds otherwise.
     *
     * @param check returns the present problem, or null for none; must not block
     * @param now   the time, from {@code System.nanoTime}
     */
    public Dependency(String name, Supplier<@Nullable String> check, long now) {
        this.name = name;
        this.check = check;
        this.state = new State(check.get(), now, true);
    }

    /** Creates a dependency that is unreliable until it was healthy once. */
    public static Dependency unproven(String name, Supplier<@Nullable String> check, long now) {
        var dependency = new Dependency(name, check, now);
        dependency.isUnproven = true;
        dependency.state = new State(dependency.state.problem(), now, false);
        return dependency;
    }

    String name() {
        return name;
    }

    /** Whether the service was never healthy, but may still become so within {@link #TROUBLE}. */
    boolean hasWaiters(long now) {
        return isUnproven && now - state.since() < TROUBLE.toNanos();
    }

    State state() {
        return state;
    }

    /** Whether the service was healthy at the last {@link #look}, and is reliable. */
    boolean isWell() {
        var seen = state;
        return seen.problem() == null && seen.isReliable();
    }

    /** Runs the check and updates the state. One thread must call it at least once a second. */
    void look(long now) {
        var before = state;
        var problem = check.get();
        var hasTurned = (problem == null) != (before.problem() == null);
        var since = hasTurned ? now : before.since();
        var lasted = now - since;
        var isReliable = problem == null
                ? before.isReliable() || isUnproven || lasted >= CALM.toNanos()
                : before.isReliable() && lasted < TROUBLE.toNanos();
        if (problem == null) isUnproven = false;
        state = new State(problem, since, isReliable);
        if (isReliable != before.isReliable()) tell(problem);
    }

    private void tell(@Nullable String problem) {
        if (problem == null) log.atInfo().addKeyValue("dependency", name).log("the dependency is healthy again");
        else
            log.atWarn().addKeyValue("dependency", name).addKeyValue("problem", problem)
                    .log("the dependency is unhealthy; the edge keeps trying");
    }
}
