package io.rejoin.e2e.sizing;

import java.util.List;
import java.util.Locale;

/** The parts that are measured separately. {@code OTHER_EDGES} only take deliveries of posts at {@code EDGE}. */
enum Part {
    EDGE, OTHER_EDGES, ROUTER, HISTORY, KAFKA, POSTGRES;

    /** All parts with one process or one server. */
    static final List<Part> SERVICES = List.of(EDGE, ROUTER, HISTORY, KAFKA, POSTGRES);

    /** The prefix of its costs' names. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
