package io.rejoin.edge.metrics;

/** Events that must never happen on an edge. A metric counts each of them. */
public enum EdgeInvariant {
    /** A message arrived again with the same seq and epoch of its room, but different content. */
    CHANGED_MESSAGE,
    /** A delivery was readable, but handling it failed. */
    FAILED_DELIVERY,
    /** Bringing a client to the head of its room failed. */
    FAILED_CATCH_UP,
    /** Handling a client's frame failed. */
    FAILED_CONNECTION
}
