package io.rejoin.contracts.log;

import io.rejoin.contracts.EdgeRef;
import org.jspecify.annotations.Nullable;

/**
 * A heartbeat of an edge in {@code rejoin.edges}; the key is the edge's id. An edge sends it every second, or every two
 * seconds if it has no connections. A router measures the silence of an edge without a clock. It counts its own beats
 * that came back from the topic since the edge's last heartbeat.
 *
 * @param address     address on which the edge listens, {@code host:port}; for people
 * @param connections number of open connections
 * @param status      the edge's status as in its {@code /health}: {@code ok}, {@code drained} and so on. Null from
 *                    edges of a version before {@link EdgeOrder}
 */
public record EdgeHeartbeat(EdgeRef edge, String address, int connections, @Nullable String status) {
    /** The status of an edge that is carrying out {@link EdgeOrder.Action#DRAIN}, or has done so. */
    public static final String DRAINED = "drained";

    /** Creates one without a status, as earlier versions write it. */
    public EdgeHeartbeat(EdgeRef edge, String address, int connections) {
        this(edge, address, connections, null);
    }
}
