package io.rejoin.edge.config;

import io.rejoin.contracts.env.Secrets;
import io.rejoin.contracts.env.Settings;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * How an edge reaches the history service.
 *
 * @param url    the base URL of its API
 * @param secret the secret that it expects; null for none
 */
public record HistoryLinkConfig(URI url, @Nullable String secret) {
    static HistoryLinkConfig from(Settings settings) {
        var url = settings.httpUrl("EDGE_HISTORY_URL", "http://127.0.0.1:8090");
        if (url.getUserInfo() != null || url.getQuery() != null || url.getFragment() != null)
            settings.problem(
                    "EDGE_HISTORY_URL must have a host, may have a port and a path, and must have no user, query or"
                            + " fragment; it is " + Secrets.masked(url.toString()));
        return new HistoryLinkConfig(url, settings.sharedSecret("EDGE_HISTORY_SECRET"));
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return url + (secret == null ? "" : " with a secret");
    }
}
