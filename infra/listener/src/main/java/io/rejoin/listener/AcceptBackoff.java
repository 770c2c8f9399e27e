package io.rejoin.listener;

import io.rejoin.contracts.env.LogThrottle;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles failures of accepting: decides how long to wait before the next try, and warns the operator at most once per
 * interval. Not thread-safe.
 */
final class AcceptBackoff {
    private static final Logger log = LoggerFactory.getLogger(AcceptBackoff.class);
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofMillis(250);
    private static final int LASTING = 3;

    /** Consecutive failures. */
    private int failures;
    /** A successful accept does not reset this throttle. */
    private final LogThrottle warnings = new LogThrottle(Duration.ofSeconds(10));
    /** Whether the last log line was a warning. */
    private boolean isTold;
    private Duration pause = SHORTEST;

    /** Records a failure and returns how long to wait before the next try. */
    Duration failed(IOException cause, long now) {
        failures++;
        var untold = warnings.count(now);
        if (untold > 0) warn(cause, untold);
        var present = pause;
        pause = pause.multipliedBy(2).compareTo(LONGEST) < 0 ? pause.multipliedBy(2) : LONGEST;
        return present;
    }

    private void warn(IOException cause, long untold) {
        log.atWarn().addKeyValue("cause", cause).addKeyValue("failures", untold)
                .log("the listener cannot accept connections and keeps trying. " + OpenFiles.ADVICE);
        isTold = true;
    }

    /** Whether accepting has failed several times in a row. */
    boolean isLasting() {
        return failures >= LASTING;
    }

    /** Records that a connection was accepted. */
    void isOver() {
        failures = 0;
        pause = SHORTEST;
        if (isTold) log.atInfo().log("connections are accepted again");
        isTold = false;
    }
}
