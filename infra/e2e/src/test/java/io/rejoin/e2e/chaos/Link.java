package io.rejoin.e2e.chaos;

import java.util.List;
import java.util.Locale;

/** A network connection of the system: who connects, then to what. Each goes through a {@link Proxy} of its own. */
enum Link {
    EDGE_0_KAFKA, EDGE_1_KAFKA, ROUTER_0_KAFKA, ROUTER_1_KAFKA, HISTORY_KAFKA, HISTORY_POSTGRES, EDGE_0_HISTORY, EDGE_1_HISTORY, EDGES_ROUTER_0, EDGES_ROUTER_1, CLIENTS_EDGE_0, CLIENTS_EDGE_1;

    static final List<Link> OF_CLIENTS = List.of(CLIENTS_EDGE_0, CLIENTS_EDGE_1);

    /** As it is named in reports. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
