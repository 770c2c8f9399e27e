package io.rejoin.contracts.log;

/**
 * What an operator asks of one edge, in its partition of {@code rejoin.deliveries}; key = {@link #key}. No delivery: it has no
 * source, and an edge of a version that does not know it skips it, as it does what is for others. It is for the process, in
 * whatever incarnation, since the next process has another id.
 *
 * @param edge the id of the edge
 */
public record EdgeOrder(String edge, Action action) {
    /** What the edge is to do; doing it twice is harmless. */
    public enum Action {
        /** Send all clients away, and let nobody in. */
        DRAIN,
        /** Let clients in again. */
        SERVE
    }

    /** The key of orders for that edge: no edge's id, so that nobody takes them for deliveries. */
    public static String key(String edge) {
        return "order:" + edge;
    }
}
