package io.rejoin.e2e.sizing;

import java.util.List;
import java.util.Locale;

/** Whose work is told apart. {@code OTHER_EDGES} are those that only take deliveries, for what {@code EDGE} does. */
enum Part {
    EDGE, OTHER_EDGES, ROUTER, HISTORY, KAFKA, POSTGRES;

    /** All that have one process, or one server. */
    static final List<Part> SERVICES = List.of(EDGE, ROUTER, HISTORY, KAFKA, POSTGRES);

    /** Begins the names of its costs. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
