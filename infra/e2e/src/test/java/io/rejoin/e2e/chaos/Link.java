package io.rejoin.e2e.chaos;

import java.util.List;
import java.util.Locale;

/** A network link of the system, named by the client side and then the server side. Each has its own {@link Proxy}. */
enum Link {
    EDGE_0_KAFKA, EDGE_1_KAFKA, ROUTER_0_KAFKA, ROUTER_1_KAFKA, HISTORY_KAFKA, HISTORY_POSTGRES, EDGE_0_HISTORY, EDGE_1_HISTORY, EDGES_ROUTER_0, EDGES_ROUTER_1, CLIENTS_EDGE_0, CLIENTS_EDGE_1;

    static final List<Link> OF_CLIENTS = List.of(CLIENTS_EDGE_0, CLIENTS_EDGE_1);

    /** Its name in reports. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
