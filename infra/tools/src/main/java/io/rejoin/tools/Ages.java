package io.rejoin.tools;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;

/** How old what checkpoints tell is, for people. */
final class Ages {
    private Ages() {}

    /** By this machine's clock, and the router's that wrote it. */
    static String ago(Checkpoints.Checkpoint checkpoint) {
        return ago(Duration.between(Instant.ofEpochMilli(checkpoint.time()), Instant.now()));
    }

    static String ago(Duration age) {
        var seconds = Math.max(0, age.toMillis()) / 1000.0;
        if (seconds < 60) return String.format(Locale.ROOT, "%.1f s ago", seconds);
        if (seconds < 3600) return Math.round(seconds / 60) + " min ago";
        return seconds < 2 * 86400 ? Math.round(seconds / 3600) + " h ago" : Math.round(seconds / 86400) + " days ago";
    }

    /** What happened since. */
    static String after(long commands) {
        return commands == 0
                ? "and no command came since"
                : commands + " records of commands came since: where that stays so, see `infra/rejoinctl lag`";
    }

    static long after(Collection<Checkpoints.Checkpoint> checkpoints) {
        return checkpoints.stream().mapToLong(Checkpoints.Checkpoint::after).sum();
    }
}
