package io.rejoin.router.kafka;

/** A command made its shard fail before anything of it was sent: a bug, brought out by what stands in the record. */
final class PoisonException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    /** Instead of an index: which command of the record it was is not known. */
    static final int UNKNOWN = -1;

    private final long first;
    private final long last;
    private final int index;

    /** It is one of the records from {@code first} to {@code last}. */
    PoisonException(long first, long last, RuntimeException cause) {
        this(first, last, UNKNOWN, cause);
    }

    /** It is the command of that index in one record. */
    PoisonException(long offset, int index, RuntimeException cause) {
        this(offset, offset, index, cause);
    }

    private PoisonException(long first, long last, int index, RuntimeException cause) {
        super("the commands at offset " + (first == last ? "" : first + " to ") + last
                + (index == UNKNOWN ? "" : ", index " + index) + " made the shard fail: " + cause, cause);
        this.first = first;
        this.last = last;
        this.index = index;
    }

    long first() {
        return first;
    }

    long last() {
        return last;
    }

    int index() {
        return index;
    }
}
