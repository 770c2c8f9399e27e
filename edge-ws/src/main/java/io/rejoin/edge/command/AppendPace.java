package io.rejoin.edge.command;

import java.time.Duration;

/**
 * Sets the interval between two batches of commands that the producer gets. Each request and each record has a fixed
 * cost. So the interval grows with the rate of commands. A command after a pause does not wait. Only one thread may use
 * it.
 */
final class AppendPace {
    /** The interval at a low rate of commands. */
    static final Duration MIN_INTERVAL = Duration.ofMillis(4);
    /** The interval at any high rate of commands. */
    static final Duration MAX_INTERVAL = Duration.ofMillis(20);
    /** The minimum interval for a batch without posts. Only a post has a person who waits for its answer. */
    static final Duration MIN_INTERVAL_WITHOUT_POSTS = Duration.ofMillis(15);
    /**
     * The rate that adds a millisecond to the interval. Above four times this rate, it exceeds {@link #MIN_INTERVAL}.
     */
    private static final double COMMANDS_A_SECOND_PER_MILLI = 250;
    /** The averaging time of the rate, in nanoseconds. A shorter burst changes the rate little. */
    private static final double AVERAGING_NANOS = 100e6;

    private long lastBatchAt;
    private double commandsPerSecond;

    AppendPace(long now) {
        lastBatchAt = now - MAX_INTERVAL.toNanos();
    }

    /** The nanoseconds until the next batch may be given to the producer; zero or negative means at once. */
    long nanosUntilNext(boolean isUrgent, long now) {
        var intervalByRate = (long) (commandsPerSecond / COMMANDS_A_SECOND_PER_MILLI * 1e6);
        var minInterval = isUrgent ? MIN_INTERVAL : MIN_INTERVAL_WITHOUT_POSTS;
        return lastBatchAt + Math.clamp(intervalByRate, minInterval.toNanos(), MAX_INTERVAL.toNanos()) - now;
    }

    /** Records that a batch of so many commands is given to the producer. */
    void recordBatch(int commands, long now) {
        var elapsed = Math.max(1, now - lastBatchAt);
        var latest = commands * 1e9 / elapsed;
        commandsPerSecond += (latest - commandsPerSecond) * Math.min(1, elapsed / AVERAGING_NANOS);
        lastBatchAt = now;
    }
}
