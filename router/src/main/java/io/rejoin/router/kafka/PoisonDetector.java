package io.rejoin.router.kafka;

import java.util.Set;
import java.util.TreeSet;

/**
 * Finds a command that makes its shard fail repeatedly. While the search runs, the shard takes commands one by one. A
 * command that failed {@link #STRIKES} times is left out.
 *
 * <p>No output of such a command was ever sent, so its seq is free for the next command. But every router must decide
 * the same. A router of another version may carry the command out without a failure, and so may have used the seq
 * already. That is why the command is tried several times, and why leaving it out is logged as an error. Safe for any
 * thread.
 */
final class PoisonDetector {
    static final int STRIKES = 3;

    private long until;
    private long suspect = -1;
    private int index;
    private int strikes;
    /**
     * Indexes of the commands to leave out of the suspect record; {@link PoisonException#UNKNOWN} stands for all of it.
     */
    private final Set<Integer> proven = new TreeSet<>();

    synchronized void add(PoisonException failure) {
        until = Math.max(until, failure.last() + 1);
        if (failure.first() != failure.last()) return;
        if (failure.last() != suspect) proven.clear();
        strikes = failure.last() == suspect && failure.index() == index ? strikes + 1 : 1;
        suspect = failure.last();
        index = failure.index();
        if (strikes >= STRIKES) proven.add(index);
    }

    /** Whether the suspect command may be at this offset or later. */
    synchronized boolean mayFollow(long offset) {
        return offset < until;
    }

    /**
     * The commands of a record that must be left out, by index. {@link PoisonException#UNKNOWN} among them stands for
     * the whole record.
     */
    synchronized Set<Integer> proven(long offset) {
        return offset == suspect ? Set.copyOf(proven) : Set.of();
    }
}
