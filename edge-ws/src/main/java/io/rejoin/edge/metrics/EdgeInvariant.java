package io.rejoin.edge.metrics;

/** What an edge must never see. */
public enum EdgeInvariant {
    /** A message came again, at the same place of its room, and is another one. */
    CHANGED_MESSAGE,
    /** A delivery could be read, and carrying it out failed. */
    FAILED_DELIVERY,
    /** Bringing a client to the head of its room failed. */
    FAILED_CATCH_UP,
    /** Handling what a client sent failed. */
    FAILED_CONNECTION
}
