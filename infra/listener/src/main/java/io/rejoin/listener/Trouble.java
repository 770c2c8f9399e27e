package io.rejoin.listener;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepting fails: how long to wait before the next try, and what an operator is told, now and then. Of one thread. */
final class Trouble {
    private static final Logger log = LoggerFactory.getLogger(Trouble.class);
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofMillis(250);
    private static final Duration BETWEEN_WARNINGS = Duration.ofSeconds(10);
    private static final int LASTING = 3;

    /** In a row. */
    private int failures;
    /** Since the last warning, whatever was accepted between. */
    private int untold;
    private @Nullable Long warned;
    /** Whether a warning is the last thing that was said. */
    private boolean isTold;
    private Duration pause = SHORTEST;

    /** Takes note of a failure, and gives back how long to wait. */
    Duration failed(IOException cause, long now) {
        failures++;
        untold++;
        if (warned == null || now - warned > BETWEEN_WARNINGS.toNanos()) warn(cause, now);
        var present = pause;
        pause = pause.multipliedBy(2).compareTo(LONGEST) < 0 ? pause.multipliedBy(2) : LONGEST;
        return present;
    }

    private void warn(IOException cause, long now) {
        log.atWarn().addKeyValue("cause", cause).addKeyValue("failures", untold)
                .log("no connection can be accepted; the listener goes on trying. " + OpenFiles.ADVICE);
        warned = now;
        untold = 0;
        isTold = true;
    }

    /** Whether it has failed several times in a row. */
    boolean isLasting() {
        return failures >= LASTING;
    }

    /** A connection was accepted. */
    void isOver() {
        failures = 0;
        pause = SHORTEST;
        if (isTold) log.atInfo().log("connections are accepted again");
        isTold = false;
    }
}
