package io.rejoin.router.kafka;

import com.fasterxml.jackson.databind.JsonNode;

/** How deep JSON is nested. */
final class Depth {
    private Depth() {}

    /** Whether no value in it is inside of more arrays and objects than that. */
    static boolean isAtMost(JsonNode json, int depth) {
        if (!json.isContainerNode()) return true;
        if (depth == 0) return false;
        for (var child : json) {
            if (!isAtMost(child, depth - 1)) return false;
        }
        return true;
    }
}
