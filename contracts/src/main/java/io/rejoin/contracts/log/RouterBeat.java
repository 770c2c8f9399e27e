package io.rejoin.contracts.log;

import org.jspecify.annotations.Nullable;

/**
 * The heartbeat (beat) of a router in {@code rejoin.edges}. A router sends it four times a second, or once a second if
 * it is the only router. The record has no value, so compaction removes it. Its key names the router. A header has the
 * address at which edges open their streams.
 */
public final class RouterBeat {
    /** Header with the router's address for edges: {@code host:port}. */
    public static final String LINK = "rejoin-link";

    private static final String KEY = "watch:";

    private RouterBeat() {}

    /** The key of a router's beats. */
    public static String key(String router) {
        return KEY + router;
    }

    /** The router whose beats have this key; null if it is the key of another kind of record. */
    public static @Nullable String router(String key) {
        return key.startsWith(KEY) ? key.substring(KEY.length()) : null;
    }
}
