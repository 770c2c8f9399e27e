package io.rejoin.router.core;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Collects the outputs of one command record and numbers them. */
final class Outputs {
    private final int partition;
    private final long offset;
    private final int firstIndex;
    private final List<Output> collected = new ArrayList<>();

    /** @param firstIndex index of the first output in its record */
    Outputs(int partition, long offset, int firstIndex) {
        this.partition = partition;
        this.offset = offset;
        this.firstIndex = firstIndex;
    }

    void addFact(Event event) {
        collected.add(new Output.Fact(next(), event));
    }

    void addDeadLetter(Event event, long postOffset, String reason) {
        collected.add(new Output.DeadLetter(next(), event, postOffset, reason));
    }

    void push(EdgeRef edge, Delivery delivery) {
        collected.add(new Output.Push(next(), edge, delivery));
    }

    /** Pushes the same delivery to each of the edges. */
    void pushAll(Collection<EdgeRef> edges, Delivery delivery) {
        for (var edge : edges) push(edge, delivery);
    }

    List<Output> collected() {
        return collected;
    }

    private Source next() {
        return new Source(partition, offset, firstIndex + collected.size());
    }
}
