package io.rejoin.edge.fanout;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.UserId;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The connections of this edge. Safe for any thread. */
public interface Receivers {
    @Nullable
    Receiver find(ConnectionId connection);

    /** The connections of a user. */
    Collection<? extends Receiver> of(UserId user);

    /** Joins every member again, under the edge's present incarnation. Clients notice at most a pause. */
    void rejoinAll();
}
