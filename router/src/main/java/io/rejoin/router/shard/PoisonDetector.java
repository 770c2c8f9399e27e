package io.rejoin.router.shard;

import java.util.Set;
import java.util.TreeSet;

/**
 * Finds a command that makes its shard fail repeatedly. While the search runs, the shard processes commands one by one.
 * A command that failed {@link #MAX_FAILURES} times is skipped.
 *
 * <p>No output of such a command was ever sent, so its seq is free for the next command. But every router must decide
 * the same. A router of another version may carry the command out without a failure, and so may have used the seq
 * already. That is why the command is tried several times, and why skipping it is logged as an error. Safe for any
 * thread.
 */
public final class PoisonDetector {
    public static final int MAX_FAILURES = 3;

    private long suspectEnd;
    private long suspectOffset = -1;
    private int suspectIndex;
    private int failureCount;
    /**
     * Indexes of the commands to skip in the suspect record; {@link PoisonException#UNKNOWN_INDEX} stands for all of
     * it.
     */
    private final Set<Integer> provenIndexes = new TreeSet<>();

    public synchronized void add(PoisonException failure) {
        suspectEnd = Math.max(suspectEnd, failure.lastOffset() + 1);
        if (failure.firstOffset() != failure.lastOffset()) return;
        if (failure.lastOffset() != suspectOffset) provenIndexes.clear();
        failureCount = failure.lastOffset() == suspectOffset && failure.index() == suspectIndex ? failureCount + 1 : 1;
        suspectOffset = failure.lastOffset();
        suspectIndex = failure.index();
        if (failureCount >= MAX_FAILURES) provenIndexes.add(suspectIndex);
    }

    /** Whether a command that fails may be at this offset or later. */
    synchronized boolean isSuspect(long offset) {
        return offset < suspectEnd;
    }

    /**
     * The commands of a record that must be skipped, by index. {@link PoisonException#UNKNOWN_INDEX} among them stands
     * for the whole record.
     */
    synchronized Set<Integer> provenIndexes(long offset) {
        return offset == suspectOffset ? Set.copyOf(provenIndexes) : Set.of();
    }
}
