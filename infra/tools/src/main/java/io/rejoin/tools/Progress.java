package io.rejoin.tools;

import java.io.PrintWriter;
import java.time.Duration;

/** Says on standard error how far long work is, now and then, and nothing when it is soon done. */
final class Progress {
    private static final Duration BETWEEN = Duration.ofSeconds(2);

    private final PrintWriter err;
    private final String what;
    private long said = System.nanoTime();

    /** @param what is read: {@code records of rejoin.edges} */
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
