package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;

/**
 * Where an edge serves its metrics: never on the port for clients.
 *
 * @param host    the address to listen on
 * @param port    the port; 0 for any free one
 * @param isNamed whether the port was configured. If not, and the port is taken, any free port is used
 */
public record MetricsConfig(String host, int port, boolean isNamed) {
    private static final String PORT = "EDGE_METRICS_PORT";

    static MetricsConfig from(Settings settings) {
        return new MetricsConfig(settings.listenHost("EDGE_METRICS_HOST", "127.0.0.1"),
                settings.integer(PORT, 9091, 0, 65_535), settings.text(PORT) != null);
    }
}
