package io.rejoin.history.store;

/**
 * The last message of a room.
 *
 * @param epoch the room's latest life, 0 when none is known
 * @param seq   its last seq, 0 when none is stored
 */
public record Head(long epoch, long seq) implements Comparable<Head> {
    /** Of a room that history knows nothing of. */
    public static final Head NONE = new Head(0, 0);

    @Override
    public int compareTo(Head other) {
        return epoch != other.epoch ? Long.compare(epoch, other.epoch) : Long.compare(seq, other.seq);
    }
}
