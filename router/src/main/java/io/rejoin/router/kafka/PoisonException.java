package io.rejoin.router.kafka;

/** A command record made its shard fail before anything of it was sent: a bug, brought out by what stands in the record. */
final class PoisonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long first;
    private final long last;

    /** It is one of the records from {@code first} to {@code last}. */
    PoisonException(long first, long last, RuntimeException cause) {
        super("the commands at offset " + (first == last ? "" : first + " to ") + last + " made the shard fail: "
                + cause,
                cause);
        this.first = first;
        this.last = last;
    }

    long first() {
        return first;
    }

    long last() {
        return last;
    }
}
