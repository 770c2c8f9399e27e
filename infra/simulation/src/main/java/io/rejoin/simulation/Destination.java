package io.rejoin.simulation;

/** A partition that a shard appends its outputs to. */
sealed interface Destination {
    /** A partition of {@code rejoin.events}. */
    record Events(int partition) implements Destination {}

    /** The topic {@code rejoin.dead-letters}. */
    record DeadLetters() implements Destination {}
}
