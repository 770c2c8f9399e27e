package io.rejoin.edge.auth;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * A place in a token's claims: the name of a claim, a path of names with dots between them, or a JSON Pointer (RFC
 * 6901).
 *
 * <p>A claim whose name is the whole text comes first, so {@code https://example.com/tenant} is a name although it has
 * dots. Only without such a claim is {@code realm_access.roles} a path. A pointer, such as
 * {@code /https:~1~1example.com~1app/tenant}, can reach into a claim whose name has dots.
 */
public record ClaimPath(String text) {
    /** @throws IllegalArgumentException when the text begins with a slash and is not a JSON Pointer */
    public ClaimPath {
        if (text.startsWith("/")) JsonPointer.compile(text);
    }

    /** The value at this place; null if the claims have none. */
    @Nullable
    JsonNode valueIn(JsonNode claims) {
        if (text.startsWith("/")) return orNull(claims.at(text));
        var whole = claims.get(text);
        if (whole != null) return whole;
        var node = claims;
        for (var name : text.split("\\.", -1)) node = node.path(name);
        return orNull(node);
    }

    private static @Nullable JsonNode orNull(JsonNode node) {
        return node.isMissingNode() ? null : node;
    }

    @Override
    public String toString() {
        return text;
    }
}
