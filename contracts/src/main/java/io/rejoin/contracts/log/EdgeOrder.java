package io.rejoin.contracts.log;

/**
 * What an operator asks of one edge, in {@code rejoin.edges}; key = {@link #key}. It is for the process, in whatever incarnation,
 * since the next process has another id.
 *
 * @param edge the id of the edge
 */
public record EdgeOrder(String edge, Action action) {
    private static final String KEY = "order:";

    /** What the edge is to do; doing it twice is harmless. */
    public enum Action {
        /** Send all clients away, and let nobody in. */
        DRAIN,
        /** Let clients in again. */
        SERVE
    }

    /** The key of orders for that edge: no edge's id, so that nobody takes them for heartbeats. */
    public static String key(String edge) {
        return KEY + edge;
    }

    /** Whether a record with that key is an order, to some edge. */
    public static boolean isKey(String key) {
        return key.startsWith(KEY);
    }
}
