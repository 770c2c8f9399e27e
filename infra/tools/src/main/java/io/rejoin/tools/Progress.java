package io.rejoin.tools;

import java.io.PrintWriter;
import java.time.Duration;

/** Reports the progress of long work on standard error, at most every two seconds. Short work reports nothing. */
final class Progress {
    private static final Duration BETWEEN = Duration.ofSeconds(2);

    private final PrintWriter err;
    private final String what;
    private long said = System.nanoTime();

    /** @param what the unit of the work, such as {@code records of rejoin.edges} */
    Progress(PrintWriter err, String what) {
        this.err = err;
        this.what = what;
    }

    void at(long done, long all) {
        if (System.nanoTime() - said < BETWEEN.toNanos()) return;
        said = System.nanoTime();
        err.println(done + " of " + all + " " + what);
    }
}
