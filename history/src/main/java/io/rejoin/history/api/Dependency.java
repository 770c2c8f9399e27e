package io.rejoin.history.api;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something this service needs from outside: whether it is well now and, slower to change, whether it can be relied on.
 * Flapping thereby reaches neither a load balancer nor the log. Asked beside, so that no question to us waits for it.
 */
final class Dependency implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Dependency.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /** While it is well and relied on: reads and writes show sooner that it is not. */
    private static final Duration INTERVAL_WELL = Duration.ofSeconds(5);
    /** Trouble in a row after which it is relied on no longer. */
    static final Duration TROUBLE = Duration.ofSeconds(5);
    /** Time without trouble after which it is relied on again. */
    static final Duration CALM = Duration.ofSeconds(2);

    private final String name;
    private final Api.Check check;
    private final LongSupplier nanoTime;
    private volatile State state;

    /**
     * How it was when it was asked last.
     *
     * @param problem what is wrong, null when it is well
     * @param since   when that began, by {@code nanoTime}
     */
    record State(@Nullable String problem, long since, boolean isReliable) {}

    /** Well and relied on, until it is asked. */
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

    /** Asks until the thread is interrupted. */
    @Override
    public void run() {
        try {
            while (true) {
                ask();
                Thread.sleep(interval());
            }
        } catch (InterruptedException _) {
            log.atDebug().addKeyValue("dependency", name).log("asked no longer");
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
        } catch (RuntimeException e) { // whatever it is, it is the answer
            return name + ": out of reach: " + e.getMessage();
        }
    }

    private void tell(@Nullable String problem) {
        if (problem == null) log.atInfo().addKeyValue("dependency", name).log("it is well again");
        else
            log.atWarn().addKeyValue("dependency", name).addKeyValue("problem", problem)
                    .log("it is not well; history goes on trying");
    }
}
