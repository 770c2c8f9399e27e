package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import org.jspecify.annotations.Nullable;

/**
 * How an edge opens its streams from routers; where they are, they say themselves in {@code rejoin.edges}.
 *
 * @param secret what they ask for; null for nothing
 */
public record RouterLinkConfig(@Nullable String secret) {
    static RouterLinkConfig from(Settings settings) {
        return new RouterLinkConfig(settings.sharedSecret("EDGE_ROUTER_SECRET"));
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return secret == null ? "without a secret" : "with a secret";
    }
}
