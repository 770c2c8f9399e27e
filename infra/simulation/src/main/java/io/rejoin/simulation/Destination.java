package io.rejoin.simulation;

/** A partition that shards write to. */
sealed interface Destination {
    /** Of {@code rejoin.events}. */
    record Events(int partition) implements Destination {}

    /** {@code rejoin.dead-letters}, all of it. */
    record DeadLetters() implements Destination {}
}
