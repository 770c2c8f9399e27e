package io.rejoin.router.kafka;

import java.util.Set;
import java.util.TreeSet;

/**
 * Remembers which command makes a shard fail again and again. While one is looked for, commands are to be taken one by one;
 * one that did it {@link #STRIKES} times is to be left out.
 *
 * <p>Nothing of such a command was ever sent, so its seq is free for the next one. But that it fails has to be the same for
 * every router: one of another version, which did not fail, may have used the seq already. That is why it is tried so often,
 * and told loudly. Safe for any thread.
 */
final class Suspects {
    static final int STRIKES = 3;

    private long until;
    private long suspect = -1;
    private int index;
    private int strikes;
    /** Indexes in the suspect record; {@link PoisonException#UNKNOWN} stands for all of it. */
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

    /** Whether one of the records from this offset on may hold it. */
    synchronized boolean mayFollow(long offset) {
        return offset < until;
    }

    /** Which commands of a record it is for certain; {@link PoisonException#UNKNOWN} among them stands for all of it. */
    synchronized Set<Integer> proven(long offset) {
        return offset == suspect ? Set.copyOf(proven) : Set.of();
    }
}
