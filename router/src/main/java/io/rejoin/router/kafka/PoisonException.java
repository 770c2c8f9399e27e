package io.rejoin.router.kafka;

/** A command made its shard fail before any output of it was sent: a bug of the router that this command triggers. */
final class PoisonException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    /** The index if it is not known which command of the record failed. */
    static final int UNKNOWN = -1;

    private final long first;
    private final long last;
    private final int index;

    /** The failed command is in one of the records from {@code first} to {@code last}. */
    PoisonException(long first, long last, RuntimeException cause) {
        this(first, last, UNKNOWN, cause);
    }

    /** The failed command is the one at this index of one record. */
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
