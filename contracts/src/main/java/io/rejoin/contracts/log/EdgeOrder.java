package io.rejoin.contracts.log;

/**
 * An operator's order to one edge, in {@code rejoin.edges}; the key is {@link #key}. It applies to the edge's process
 * in every incarnation. It does not apply to the next process, which has another id.
 *
 * @param edge the id of the edge
 */
public record EdgeOrder(String edge, Action action) {
    private static final String KEY = "order:";

    /** The action that the edge must take. A repetition has no effect. */
    public enum Action {
        /** Disconnect all clients, and accept no connections. */
        DRAIN,
        /** Accept connections again. */
        SERVE
    }

    /**
     * The key of orders for an edge. It differs from every edge's id, so readers do not take an order for a heartbeat.
     */
    public static String key(String edge) {
        return KEY + edge;
    }

    /** Whether a record with this key is an order to an edge. */
    public static boolean isKey(String key) {
        return key.startsWith(KEY);
    }
}
