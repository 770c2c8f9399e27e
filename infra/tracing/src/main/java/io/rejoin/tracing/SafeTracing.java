package io.rejoin.tracing;

import io.rejoin.contracts.env.LogThrottle;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Protects the traced work from exceptions of tracing: a failure makes a gap in a trace and has no other effect. All
 * operations that this package offers at run time go through here. Safe for any thread.
 */
final class SafeTracing {
    private static final Logger log = LoggerFactory.getLogger(SafeTracing.class);
    private static final LogThrottle throttle = new LogThrottle(Duration.ofSeconds(10));

    private SafeTracing() {}

    /** Runs the action. Returns false if the action threw. */
    static boolean run(Runnable tracing) {
        try {
            tracing.run();
            return true;
        } catch (RuntimeException | LinkageError e) { // classes of the SDK are loaded late, so one may be missing
            failed(e);
            return false;
        }
    }

    /** Returns the result of the action, or {@code otherwise} if the action threw. */
    static <T> T get(Supplier<? extends T> tracing, T otherwise) {
        try {
            return tracing.get();
        } catch (RuntimeException | LinkageError e) {
            failed(e);
            return otherwise;
        }
    }

    private static void failed(Throwable cause) {
        var failures = throttle.count(System.nanoTime());
        if (failures == 0) return;
        log.atWarn().addKeyValue("failures", failures).setCause(cause)
                .log("tracing failed: traces have gaps, and nothing else is affected");
    }
}
