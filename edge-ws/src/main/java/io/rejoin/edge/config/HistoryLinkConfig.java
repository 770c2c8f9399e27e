package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import java.net.URI;

/**
 * How an edge reaches the history service.
 *
 * @param url where its API begins
 */
public record HistoryLinkConfig(URI url) {
    static HistoryLinkConfig from(Settings settings) {
        return new HistoryLinkConfig(settings.httpUrl("EDGE_HISTORY_URL", "http://127.0.0.1:8090"));
    }
}
