package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import org.jspecify.annotations.Nullable;

/**
 * How an edge opens its streams from routers. Routers publish their addresses in {@code rejoin.edges}.
 *
 * @param secret the secret that routers expect; null for none
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
