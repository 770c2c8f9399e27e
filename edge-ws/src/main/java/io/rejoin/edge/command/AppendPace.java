package io.rejoin.edge.command;

import java.time.Duration;

/**
 * How far apart commands are given to the producer while they come all the time: a request and a record cost the same, whatever is
 * in them. The more commands come, the further. Who comes after a pause waits for nobody. Of one thread.
 */
final class AppendPace {
    /** While there are few commands. */
    static final Duration SHORTEST = Duration.ofMillis(4);
    /** However many there are. */
    static final Duration LONGEST = Duration.ofMillis(20);
    /** The least where there are only commands whose answer no person looks at a screen for: all but posts. */
    static final Duration PATIENT = Duration.ofMillis(15);
    /** From four times that on the pace gets longer. */
    private static final double COMMANDS_A_SECOND_PER_MILLI = 250;
    /** A burst that is shorter makes little difference. */
    private static final double MEMORY_NANOS = 100e6;

    private long gaveAt;
    private double commandsPerSecond;

    AppendPace(long now) {
        gaveAt = now - LONGEST.toNanos();
    }

    /** The nanoseconds until the producer may be given what there is; none or less when it may now. */
    long left(boolean isUrgent, long now) {
        var wanted = (long) (commandsPerSecond / COMMANDS_A_SECOND_PER_MILLI * 1e6);
        var least = isUrgent ? SHORTEST : PATIENT;
        return gaveAt + Math.clamp(wanted, least.toNanos(), LONGEST.toNanos()) - now;
    }

    /** The producer is given so many. */
    void gave(int commands, long now) {
        var elapsed = Math.max(1, now - gaveAt);
        var latest = commands * 1e9 / elapsed;
        commandsPerSecond += (latest - commandsPerSecond) * Math.min(1, elapsed / MEMORY_NANOS);
        gaveAt = now;
    }
}
