package io.rejoin.router.core;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;

/** A result of a command. Its source identifies it, so a reader that gets it twice can drop the copy. */
public sealed interface Output {
    Source source();

    /** An event for {@code rejoin.events}. */
    record Fact(Source source, Event event) implements Output {}

    /**
     * An event that an operator must look at, for {@code rejoin.dead-letters}.
     *
     * @param offset of the command record that posted the message
     */
    record DeadLetter(Source source, Event event, long offset, String reason) implements Output {}

    /** A delivery for one incarnation of one edge, pushed over its stream. */
    record Push(Source source, EdgeRef edge, Delivery delivery) implements Output {}
}
