package io.rejoin.edge.liveness;

import io.rejoin.contracts.EdgeRef;

/** This edge's id and its present incarnation. Only {@code Deliveries} changes it; any thread may read it. */
public final class EdgeIdentity {
    private volatile EdgeRef current;

    /**
     * Starts with the first incarnation.
     *
     * @param edge the edge's id, drawn at random for this process
     */
    public EdgeIdentity(String edge) {
        this.current = new EdgeRef(edge, 1, 0);
    }

    public EdgeRef current() {
        return current;
    }

    /** Begins the next incarnation. */
    public void renew() {
        current = new EdgeRef(current.edge(), current.incarnation() + 1, current.partition());
    }
}
