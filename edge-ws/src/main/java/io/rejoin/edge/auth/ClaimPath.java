package io.rejoin.edge.auth;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * Where a token says something: the name of a claim, a path of names with dots between them, or a JSON Pointer (RFC 6901).
 *
 * <p>A claim that has the whole text as its name comes first, so that {@code https://example.com/tenant} is a name though it has
 * dots. Only without such a claim is {@code realm_access.roles} a path. A pointer, {@code /https:~1~1example.com~1app/tenant},
 * reaches into a claim whose name has dots.
 */
public record ClaimPath(String text) {
    /** @throws IllegalArgumentException when it begins with a slash and is no JSON Pointer */
    public ClaimPath {
        if (text.startsWith("/")) JsonPointer.compile(text);
    }

    /** What the claims say there; null when they say nothing. */
    @Nullable
    JsonNode in(JsonNode claims) {
        if (text.startsWith("/")) return found(claims.at(text));
        var whole = claims.get(text);
        if (whole != null) return whole;
        var node = claims;
        for (var name : text.split("\\.", -1)) node = node.path(name);
        return found(node);
    }

    private static @Nullable JsonNode found(JsonNode node) {
        return node.isMissingNode() ? null : node;
    }

    @Override
    public String toString() {
        return text;
    }
}
