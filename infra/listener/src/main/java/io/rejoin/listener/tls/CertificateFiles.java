package io.rejoin.listener.tls;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate of a listener, read from files at regular intervals, so that a renewed one needs no restart. While
 * the files cannot be used, the last good certificate stays in use. The files are unusable, for example, while they are
 * replaced one by one.
 */
public final class CertificateFiles implements Tls, Runnable {
    private static final Logger log = LoggerFactory.getLogger(CertificateFiles.class);
    /**
     * Fewer days left than this mean that renewal fails: certificates of 90 days are usually renewed after two thirds.
     */
    private static final Duration SOON = Duration.ofDays(7);

    private final PemFiles files;
    private final Duration refresh;
    private final Clock clock;
    private final Map<TlsHandshake, LongAdder> handshakes = new EnumMap<>(TlsHandshake.class);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile ServerCertificate certificate;
    private volatile @Nullable String failure;

    private CertificateFiles(PemFiles files, ServerCertificate first, Duration refresh, Clock clock) {
        this.files = files;
        this.certificate = first;
        this.refresh = refresh;
        this.clock = clock;
        for (var outcome : TlsHandshake.values()) handshakes.put(outcome, new LongAdder());
        say("TLS certificate is loaded");
    }

    /**
     * Reads the files for the first time.
     *
     * @param refresh how often the files are read again
     * @throws IOException with a message that names the file and what is wrong
     */
    public static CertificateFiles read(PemFiles files, Duration refresh, Clock clock) throws IOException {
        return new CertificateFiles(files, files.read(), refresh, clock);
    }

    @Override
    public SSLContext context() {
        return certificate.context();
    }

    @Override
    public void ended(TlsHandshake handshake) {
        Objects.requireNonNull(handshakes.get(handshake)).increment();
    }

    /** The number of connections with this outcome of the handshake. */
    public long count(TlsHandshake handshake) {
        return Objects.requireNonNull(handshakes.get(handshake)).sum();
    }

    /** When the certificate, or one of its chain, expires. */
    public Instant expires() {
        return certificate.expires();
    }

    /** A message about the certificate's problem, or null without a problem. */
    public @Nullable String problem() {
        var seen = failure;
        if (seen != null)
            return "certificate: " + seen + ". The previous certificate is used until " + date()
                    + "; correct the files, they are read again every " + refresh;
        var left = Duration.between(clock.instant(), expires());
        if (left.isNegative()) return "certificate: it expired on " + date() + ", so clients refuse it. Renew it";
        if (left.compareTo(SOON) < 0) return "certificate: it expires on " + date() + ". Renew it";
        return null;
    }

    @Override
    public void run() {
        try {
            while (!stopped.await(refresh.toMillis(), TimeUnit.MILLISECONDS)) readAgain();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends {@link #run}. Any thread may call this. */
    public void stop() {
        stopped.countDown();
    }

    void readAgain() {
        try {
            var read = files.read();
            var isRepaired = failure != null;
            failure = null;
            if (!isRepaired && read.isSame(certificate)) return;
            certificate = read;
            say("another TLS certificate is loaded; new connections use it");
        } catch (IOException e) {
            if (failure == null)
                log.atWarn().addKeyValue("reason", e.getMessage())
                        .log("the files of the TLS certificate cannot be read; the previous certificate is used");
            failure = e.getMessage();
        }
    }

    private void say(String what) {
        log.atInfo().addKeyValue("names", certificate.names()).addKeyValue("expires", date()).log(what);
    }

    private Instant date() {
        return expires().truncatedTo(ChronoUnit.SECONDS);
    }
}
