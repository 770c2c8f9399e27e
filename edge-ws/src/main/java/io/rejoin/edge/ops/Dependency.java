package io.rejoin.edge.ops;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something an edge needs from outside: whether it is well now and, slower to change, whether it can be relied on. Flapping
 * thereby reaches neither a load balancer nor the log.
 */
public final class Dependency {
    private static final Logger log = LoggerFactory.getLogger(Dependency.class);
    /** Trouble in a row after which it is relied on no longer. */
    static final Duration TROUBLE = Duration.ofSeconds(5);
    /** Time without trouble after which it is relied on again. */
    static final Duration CALM = Duration.ofSeconds(2);

    private final String name;
    private final Supplier<@Nullable String> check;
    private volatile State state;
    /** Whether it never was well. Moved on by the thread that looks. */
    private volatile boolean isUnproven;

    /**
     * How it was when it was looked at last.
     *
     * @param problem what is wrong, null when it is well
     * @param since   when that began, by the same clock as {@link #look}
     */
    record State(@Nullable String problem, long since, boolean isReliable) {}

    /**
     * Relied on until {@link #look} finds otherwise.
     *
     * @param check answers at once what is wrong, null when nothing is
     * @param now   by {@code System.nanoTime}
     */
    public Dependency(String name, Supplier<@Nullable String> check, long now) {
        this.name = name;
        this.check = check;
        this.state = new State(check.get(), now, true);
    }

    /** The same, but relied on only once it was well. */
    public static Dependency unproven(String name, Supplier<@Nullable String> check, long now) {
        var dependency = new Dependency(name, check, now);
        dependency.isUnproven = true;
        dependency.state = new State(dependency.state.problem(), now, false);
        return dependency;
    }

    String name() {
        return name;
    }

    /** Whether it was never well, and not given the time yet that it may take. */
    boolean isAwaited(long now) {
        return isUnproven && now - state.since() < TROUBLE.toNanos();
    }

    State state() {
        return state;
    }

    /** Whether it was when it was looked at last, and is relied on. */
    boolean isWell() {
        var seen = state;
        return seen.problem() == null && seen.isReliable();
    }

    /** Looks at it. To be called once a second at least, by one thread. */
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
        if (problem == null) log.atInfo().addKeyValue("dependency", name).log("it is well again");
        else
            log.atWarn().addKeyValue("dependency", name).addKeyValue("problem", problem)
                    .log("it is not well; the edge goes on trying");
    }
}
