package io.rejoin.tools;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;

/** Formats the age of checkpoints, for people. */
final class Ages {
    private Ages() {}

    /** The age of a checkpoint. It compares this machine's clock with that of the router that wrote the checkpoint. */
    static String ago(Checkpoints.Checkpoint checkpoint) {
        return ago(Duration.between(Instant.ofEpochMilli(checkpoint.time()), Instant.now()));
    }

    static String ago(Duration age) {
        var seconds = Math.max(0, age.toMillis()) / 1000.0;
        if (seconds < 60) return String.format(Locale.ROOT, "%.1f s ago", seconds);
        if (seconds < 3600) return Math.round(seconds / 60) + " min ago";
        return seconds < 2 * 86400 ? Math.round(seconds / 3600) + " h ago" : Math.round(seconds / 86400) + " days ago";
    }

    /** Says how many command records came after a checkpoint. */
    static String after(long commands) {
        return commands == 0
                ? "no later command"
                : commands + " later records of commands; if this number stays, see `infra/rejoinctl lag`";
    }

    static long after(Collection<Checkpoints.Checkpoint> checkpoints) {
        return checkpoints.stream().mapToLong(Checkpoints.Checkpoint::after).sum();
    }
}
