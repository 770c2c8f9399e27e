package io.rejoin.contracts.log;

import org.jspecify.annotations.Nullable;

/**
 * A router's sign of life in {@code rejoin.edges}, four times a second, or once where it is the only one: a record without
 * value, so that compaction leaves nothing of it. By its key it is known, and in a header stands where edges open their streams.
 */
public final class RouterBeat {
    /** The header that says where edges reach the router: {@code host:port}. */
    public static final String LINK = "rejoin-link";

    private static final String KEY = "watch:";

    private RouterBeat() {}

    /** The key of a router's beats. */
    public static String key(String router) {
        return KEY + router;
    }

    /** The router whose beats have that key; null where it is the key of something else. */
    public static @Nullable String router(String key) {
        return key.startsWith(KEY) ? key.substring(KEY.length()) : null;
    }
}
