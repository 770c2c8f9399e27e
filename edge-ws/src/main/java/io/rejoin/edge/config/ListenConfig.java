package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import io.rejoin.edge.auth.OriginPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Where an edge listens, and which clients it accepts.
 *
 * @param host               the address to listen on
 * @param port               the port; 0 for any free one
 * @param origins            which pages may connect
 * @param connections        the maximum number of concurrent connections
 * @param connectionsPerUser the maximum number of concurrent connections of one user
 * @param tls                the TLS settings; null for no encryption
 */
public record ListenConfig(String host, int port, OriginPolicy origins, int connections,
        int connectionsPerUser, @Nullable TlsConfig tls) {
    static ListenConfig from(Settings settings, boolean dev) {
        var host = settings.listenHost("EDGE_HOST", dev ? "127.0.0.1" : "0.0.0.0");
        if (dev && !Settings.isLoopback(host)) {
            settings.problem(
                    "EDGE_AUTH=dev accepts any token and name, so EDGE_HOST must be a loopback address, not "
                            + host);
        }
        return new ListenConfig(host, settings.integer("EDGE_PORT", 8080, 0, 65_535),
                origins(settings, dev ? "loopback" : "*"),
                settings.integer("EDGE_MAX_CONNECTIONS", 100_000, 1, 10_000_000),
                settings.integer("EDGE_MAX_CONNECTIONS_PER_USER", 1000, 1, Integer.MAX_VALUE),
                TlsConfig.from(settings));
    }

    private static OriginPolicy origins(Settings settings, String otherwise) {
        try {
            return OriginPolicy.parse(settings.text("EDGE_ALLOWED_ORIGINS", otherwise));
        } catch (IllegalArgumentException e) {
            settings.problem("EDGE_ALLOWED_ORIGINS: " + e.getMessage());
            return OriginPolicy.parse(otherwise);
        }
    }
}
