package io.rejoin.router.kafka;

/**
 * Remembers which command record makes a shard fail again and again. While one is looked for, records are to be taken one by
 * one; one that did it {@link #STRIKES} times is to be left out. Confined to one thread.
 *
 * <p>Nothing of such a record was ever sent, so its seq is free for the next one. But that it fails has to be the same for
 * every router: one of another version, which did not fail, may have used the seq already. That is why it is tried so often,
 * and told loudly.
 */
final class Suspects {
    static final int STRIKES = 3;

    private long until;
    private long suspect = -1;
    private int strikes;

    void add(PoisonException failure) {
        until = Math.max(until, failure.last() + 1);
        if (failure.first() != failure.last()) return;
        strikes = failure.last() == suspect ? strikes + 1 : 1;
        suspect = failure.last();
    }

    /** Whether one of the records from this offset on may be it. */
    boolean mayFollow(long offset) {
        return offset < until;
    }

    /** Whether it is this one for certain. */
    boolean isProven(long offset) {
        return offset == suspect && strikes >= STRIKES;
    }
}
