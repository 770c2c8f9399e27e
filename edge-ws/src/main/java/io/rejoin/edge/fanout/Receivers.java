package io.rejoin.edge.fanout;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import org.jspecify.annotations.Nullable;

/** The connections of this edge. Safe for any thread. */
public interface Receivers {
    @Nullable
    Receiver find(ConnectionId connection);

    /** Joins every member again, under a new incarnation of this edge; clients notice a pause at most. */
    void rejoinAll(EdgeRef incarnation);
}
