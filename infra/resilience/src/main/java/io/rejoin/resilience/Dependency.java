package io.rejoin.resilience;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something outside of a service that the service needs, such as Kafka. {@link Hysteresis} turns its noisy check into a
 * stable state, {@link State#isReliable}. So a flapping dependency disturbs neither load balancers nor the log.
 *
 * <p>Only one thread may call {@link #update}. All other methods are safe for any thread, and never block.
 */
public final class Dependency {
    private static final Logger log = LoggerFactory.getLogger(Dependency.class);

    private final String name;
    private final Supplier<@Nullable String> check;
    private final Hysteresis hysteresis;
    private volatile State state;

    /**
     * The state at the last {@link #update}.
     *
     * @param problem    the present problem; null if healthy
     * @param since      when the dependency became healthy or unhealthy, by the clock of {@link #update}
     * @param isUnproven whether the dependency began as unreliable, and was never healthy
     */
    public record State(@Nullable String problem, long since, boolean isReliable, boolean isUnproven) {
        /** Whether the dependency was healthy at the last check, and is reliable. */
        public boolean isHealthy() {
            return problem == null && isReliable;
        }
    }

    private Dependency(String name, Supplier<@Nullable String> check, Hysteresis hysteresis, State state) {
        this.name = name;
        this.check = check;
        this.hysteresis = hysteresis;
        this.state = state;
    }

    /**
     * Creates a dependency that is reliable until {@link #update} finds otherwise. Runs the check at once.
     *
     * @param check returns the present problem, or null for none; must not block
     * @param now   the time, from {@code System.nanoTime}
     */
    public static Dependency reliable(String name, Supplier<@Nullable String> check, long now) {
        var problem = check.get();
        return new Dependency(name, check, Hysteresis.reliable(problem == null, now),
                new State(problem, now, true, false));
    }

    /** Creates a dependency that is unreliable until {@link #update} finds it healthy. Runs the check at once. */
    public static Dependency unproven(String name, Supplier<@Nullable String> check, long now) {
        return new Dependency(name, check, Hysteresis.unproven(now), new State(check.get(), now, false, true));
    }

    public String name() {
        return name;
    }

    public State state() {
        return state;
    }

    /** Whether the dependency was never healthy, but has had less than {@link Hysteresis#UNRELIABLE_AFTER} for that. */
    public boolean isStarting(long now) {
        var current = state;
        return current.isUnproven() && now - current.since() < Hysteresis.UNRELIABLE_AFTER.toNanos();
    }

    /** Runs the check and updates the state. Call it once a second or more often while there is a problem. */
    public void update(long now) {
        var before = state;
        var problem = check.get();
        var isReliable = hysteresis.update(problem == null, now);
        state = new State(problem, hysteresis.since(), isReliable, hysteresis.isUnproven());
        if (isReliable != before.isReliable()) log(problem);
    }

    private void log(@Nullable String problem) {
        if (problem == null) log.atInfo().addKeyValue("dependency", name).log("a dependency is healthy again");
        else
            log.atWarn().addKeyValue("dependency", name).addKeyValue("problem", problem)
                    .log("a dependency is unhealthy; this service keeps trying");
    }
}
