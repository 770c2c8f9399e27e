package io.rejoin.history.store;

/**
 * The last message of a room.
 *
 * @param epoch the room's latest epoch; 0 if unknown
 * @param seq   the last seq in that epoch; 0 if no message is stored
 */
public record Head(long epoch, long seq) implements Comparable<Head> {
    /** The head of a room that history does not know. */
    public static final Head NONE = new Head(0, 0);

    @Override
    public int compareTo(Head other) {
        return epoch != other.epoch ? Long.compare(epoch, other.epoch) : Long.compare(seq, other.seq);
    }
}
