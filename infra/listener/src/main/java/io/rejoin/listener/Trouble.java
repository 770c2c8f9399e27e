package io.rejoin.listener;

import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepting fails: how long to wait before the next try, and what an operator is told, now and then. Of one thread. */
final class Trouble {
    private static final Logger log = LoggerFactory.getLogger(Trouble.class);
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofMillis(250);
    private static final Duration SAY = Duration.ofSeconds(10);

    private static final int LASTING = 3;

    private int failures;
    private long said;
    private Duration pause = SHORTEST;

    /** Takes note of a failure, and gives back how long to wait. */
    Duration failed(IOException cause, long now) {
        if (failures++ == 0 || now - said > SAY.toNanos()) {
            said = now;
            log.atWarn().addKeyValue("cause", cause).addKeyValue("failures", failures)
                    .log("no connection can be accepted; the listener goes on trying. " + OpenFiles.ADVICE);
        }
        var present = pause;
        pause = pause.multipliedBy(2).compareTo(LONGEST) < 0 ? pause.multipliedBy(2) : LONGEST;
        return present;
    }

    /** Whether it has failed several times in a row. */
    boolean isLasting() {
        return failures >= LASTING;
    }

    /** A connection was accepted. */
    void isOver() {
        if (failures == 0) return;
        log.atInfo().addKeyValue("failures", failures).log("connections are accepted again");
        failures = 0;
        pause = SHORTEST;
    }
}
