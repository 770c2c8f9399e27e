package io.rejoin.e2e.chaos;

import java.util.List;
import java.util.Locale;

/** A process of the system. */
enum Part {
    EDGE_0, EDGE_1, ROUTER_0, ROUTER_1, HISTORY, KAFKA, POSTGRES;

    /** Our own, in the order a rolling restart takes them. */
    static final List<Part> SERVICES = List.of(EDGE_0, EDGE_1, ROUTER_0, ROUTER_1, HISTORY);

    /** As it is named in logs and reports. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
