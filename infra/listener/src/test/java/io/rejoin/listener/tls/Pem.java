package io.rejoin.listener.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Test certificates for {@code localhost} with their keys, made by OpenSSL, valid for a hundred years. */
public final class Pem {
    private Pem() {}

    /** Copies both files into the folder as {@code tls.crt} and {@code tls.key}, replacing existing ones. */
    public static PemFiles put(Path folder, String certificate, String key) {
        return new PemFiles(put(certificate, folder.resolve("tls.crt")), put(key, folder.resolve("tls.key")));
    }

    /** A client context that trusts only these certificates. */
    public static SSLContext trusting(String... certificates) {
        try {
            var trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            var factory = CertificateFactory.getInstance("X.509");
            for (var name : certificates) {
                try (var in = open(name)) {
                    trusted.setCertificateEntry(name, factory.generateCertificate(in));
                }
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the certificates of the tests cannot be used", e);
        }
    }

    private static Path put(String name, Path target) {
        try (var in = open(name)) {
            Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String name) {
        return Objects.requireNonNull(Pem.class.getResourceAsStream(name), name);
    }
}
