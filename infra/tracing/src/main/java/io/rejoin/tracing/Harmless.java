package io.rejoin.tracing;

import io.rejoin.contracts.env.LogThrottle;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what tracing throws away from the work that is traced: a trace has a gap then, and nothing else happens. Everything that
 * this package offers while a service works goes through here. Safe for any thread.
 */
final class Harmless {
    private static final Logger log = LoggerFactory.getLogger(Harmless.class);
    private static final LogThrottle throttle = new LogThrottle(Duration.ofSeconds(10));

    private Harmless() {}

    /** Runs it; false if it threw. */
    static boolean run(Runnable tracing) {
        try {
            tracing.run();
            return true;
        } catch (RuntimeException | LinkageError e) { // a class of the SDK may be missed only when it is first needed
            failed(e);
            return false;
        }
    }

    /** What it gives; the other if it threw. */
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
