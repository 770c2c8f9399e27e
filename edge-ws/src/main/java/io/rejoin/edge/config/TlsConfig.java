package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import io.rejoin.listener.tls.PemFiles;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * TLS settings of an edge that encrypts by itself, without a proxy.
 *
 * @param files   the certificate and its key
 * @param refresh the interval at which the files are read again
 */
public record TlsConfig(PemFiles files, Duration refresh) {
    /** Reads the settings; null for no encryption. */
    static @Nullable TlsConfig from(Settings settings) {
        var certificate = settings.text("EDGE_TLS_CERT");
        var key = settings.text("EDGE_TLS_KEY");
        var refresh = settings.duration("EDGE_TLS_REFRESH", "PT1M", "PT1S", "P1D");
        if (certificate != null && key != null)
            return new TlsConfig(new PemFiles(Path.of(certificate), Path.of(key)), refresh);
        if (certificate != null || key != null)
            settings.problem(
                    "EDGE_TLS_CERT and EDGE_TLS_KEY name two PEM files: set both, or set none and use a proxy for TLS");
        return null;
    }
}
