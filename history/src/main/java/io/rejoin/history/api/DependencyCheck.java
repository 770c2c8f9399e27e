package io.rejoin.history.api;

import io.rejoin.resilience.Dependency;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks a dependency again and again. It has a thread of its own, because a check may take seconds: so health requests
 * never wait for it.
 */
final class DependencyCheck implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(DependencyCheck.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /** The interval while the dependency is healthy: reads and writes notice an outage sooner than this check. */
    private static final Duration INTERVAL_HEALTHY = Duration.ofSeconds(5);

    private final Api.Check check;
    private final LongSupplier nanoTime;
    private final Dependency dependency;
    /** What the last check found. Used only by the thread that checks. */
    private @Nullable String problem;

    /** The dependency is healthy and reliable until the first check. */
    DependencyCheck(String name, Api.Check check, LongSupplier nanoTime) {
        this.check = check;
        this.nanoTime = nanoTime;
        this.dependency = Dependency.reliable(name, () -> problem, nanoTime.getAsLong());
    }

    Dependency dependency() {
        return dependency;
    }

    /** Checks until the thread is interrupted. */
    @Override
    public void run() {
        try {
            while (true) {
                update();
                Thread.sleep(dependency.state().isHealthy() ? INTERVAL_HEALTHY : INTERVAL);
            }
        } catch (InterruptedException _) {
            log.atDebug().addKeyValue("dependency", dependency.name()).log("health check stopped");
        }
    }

    void update() {
        try {
            check.run();
            problem = null;
        } catch (RuntimeException e) { // every failure of the check is a problem of the dependency
            problem = dependency.name() + ": unreachable: " + e.getMessage();
        }
        dependency.update(nanoTime.getAsLong());
    }
}
