package io.rejoin.edge.fanout;

import io.rejoin.contracts.EdgeRef;

/** Who this edge is now. Whatever comes over streams moves it on; anyone may read it. */
public final class EdgeIdentity {
    private volatile EdgeRef current;

    /**
     * The first incarnation.
     *
     * @param edge drawn for this process
     */
    public EdgeIdentity(String edge) {
        this.current = new EdgeRef(edge, 1, 0);
    }

    public EdgeRef current() {
        return current;
    }

    /** The next incarnation, from now on. */
    void renew() {
        current = new EdgeRef(current.edge(), current.incarnation() + 1, current.partition());
    }
}
