package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;

/**
 * Where an edge tells its metrics: never where clients come.
 *
 * @param host    address to listen on
 * @param port    0 for any free one
 * @param isNamed whether that port was asked for; else any free one will do where it is taken
 */
public record MetricsConfig(String host, int port, boolean isNamed) {
    private static final String PORT = "EDGE_METRICS_PORT";

    static MetricsConfig from(Settings settings) {
        return new MetricsConfig(settings.listenHost("EDGE_METRICS_HOST", "127.0.0.1"),
                settings.integer(PORT, 9091, 0, 65_535), settings.text(PORT) != null);
    }
}
