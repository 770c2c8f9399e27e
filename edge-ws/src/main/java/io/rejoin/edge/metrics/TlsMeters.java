package io.rejoin.edge.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.rejoin.listener.tls.CertificateFiles;
import io.rejoin.listener.tls.TlsHandshake;
import java.util.Locale;

/** The metrics of TLS, on an edge that encrypts by itself. */
public final class TlsMeters {
    private final MeterRegistry registry;

    public TlsMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Adds the counters of handshakes, and the gauge for the certificate's expiry. */
    public void show(CertificateFiles certificate) {
        for (var outcome : TlsHandshake.values()) {
            FunctionCounter.builder("rejoin.edge.tls.handshakes", certificate, files -> files.count(outcome))
                    .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                    .description("TLS handshakes: done, failed, or plain if the client did not use TLS")
                    .register(registry);
        }
        Gauge.builder("rejoin.edge.certificate.expires", () -> certificate.expires().getEpochSecond())
                .baseUnit("seconds")
                .description("When the certificate expires, in seconds since 1970").register(registry);
    }
}
