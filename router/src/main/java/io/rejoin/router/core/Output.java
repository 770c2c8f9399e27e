package io.rejoin.router.core;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;

/** What follows from a command. It carries its source, so that whoever reads it twice can drop it once. */
public sealed interface Output {
    Source source();

    /** A fact, for {@code rejoin.events}. */
    record Fact(Source source, Event event) implements Output {}

    /**
     * A fact that people have to look at, for {@code rejoin.dead-letters}.
     *
     * @param offset of the command record that began it
     */
    record DeadLetter(Source source, Event event, long offset, String reason) implements Output {}

    /** Something for one incarnation of one edge, to be pushed over its stream. */
    record Push(Source source, EdgeRef edge, Delivery delivery) implements Output {}
}
