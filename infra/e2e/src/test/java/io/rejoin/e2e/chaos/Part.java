package io.rejoin.e2e.chaos;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A process of the system. */
enum Part {
    EDGE_0, EDGE_1, ROUTER_0, ROUTER_1, HISTORY, KAFKA, POSTGRES;

    /** Rejoin's services, in the order of a rolling restart. */
    static final List<Part> SERVICES = List.of(EDGE_0, EDGE_1, ROUTER_0, ROUTER_1, HISTORY);

    /**
     * The part's name, and a name that it shares with its twin, so that a fault affects only one of two twins at a
     * time.
     */
    Set<String> needs() {
        return switch (this) {
            case EDGE_0, EDGE_1 -> Set.of(label(), "an edge");
            case ROUTER_0, ROUTER_1 -> Set.of(label(), "a router");
            case HISTORY, KAFKA, POSTGRES -> Set.of(label());
        };
    }

    /** Its name in logs and reports. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
