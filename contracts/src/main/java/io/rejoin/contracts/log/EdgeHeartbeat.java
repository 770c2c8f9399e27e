package io.rejoin.contracts.log;

import io.rejoin.contracts.EdgeRef;
import org.jspecify.annotations.Nullable;

/**
 * A sign of life in {@code rejoin.edges}, each second, or every two where nobody is connected; key = edge id. Routers measure
 * silence by how many of their own beats stand in the topic since, so that no clock matters.
 *
 * @param address     where the edge listens, for people: {@code host:port}
 * @param connections open now
 * @param status      how it is, in the words of its {@code /health}: {@code ok}, {@code drained} and so on. Null in what edges
 *                    wrote that do not know of {@link EdgeOrder}
 */
public record EdgeHeartbeat(EdgeRef edge, String address, int connections, @Nullable String status) {
    /** The status of an edge that carries out {@link EdgeOrder.Action#DRAIN}, or has. */
    public static final String DRAINED = "drained";

    /** As earlier versions write it. */
    public EdgeHeartbeat(EdgeRef edge, String address, int connections) {
        this(edge, address, connections, null);
    }
}
