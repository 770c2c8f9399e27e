package io.rejoin.contracts.log;

import io.rejoin.contracts.EdgeRef;

/**
 * A sign of life in {@code rejoin.edges}, about once a second; key = edge id. Routers measure silence by how many of their own
 * beats stand in the topic since, so that no clock matters.
 *
 * @param address     where the edge listens, for people: {@code host:port}
 * @param connections open now
 */
public record EdgeHeartbeat(EdgeRef edge, String address, int connections) {}
