package io.rejoin.router.shard;

/** A command made its shard fail before any output of it was sent: a bug of the router that this command triggers. */
public final class PoisonException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    /** The index if it is not known which command of the record failed. */
    static final int UNKNOWN_INDEX = -1;

    private final long firstOffset;
    private final long lastOffset;
    private final int index;

    /** The failed command is in one of the records from {@code firstOffset} to {@code lastOffset}. */
    PoisonException(long firstOffset, long lastOffset, RuntimeException cause) {
        this(firstOffset, lastOffset, UNKNOWN_INDEX, cause);
    }

    /** The failed command is the one at this index of one record. */
    PoisonException(long offset, int index, RuntimeException cause) {
        this(offset, offset, index, cause);
    }

    private PoisonException(long firstOffset, long lastOffset, int index, RuntimeException cause) {
        super("the commands at offset " + (firstOffset == lastOffset ? "" : firstOffset + " to ") + lastOffset
                + (index == UNKNOWN_INDEX ? "" : ", index " + index) + " made the shard fail: " + cause, cause);
        this.firstOffset = firstOffset;
        this.lastOffset = lastOffset;
        this.index = index;
    }

    long firstOffset() {
        return firstOffset;
    }

    long lastOffset() {
        return lastOffset;
    }

    int index() {
        return index;
    }
}
