package io.rejoin.edge.room;

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

    /**
     * Joins every member again, after the edge has begun a new incarnation: the commands to join carry the new
     * incarnation. Requests of clients that wait for an answer fail, because requests of an earlier incarnation get
     * none. Otherwise clients notice at most a pause.
     */
    void rejoinAll();
}
