package io.rejoin.listener.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateFilesTest {
    private static final Instant PRESENT = Instant.parse("2030-01-01T00:00:00Z");

    @TempDir
    private Path folder;

    @Test
    void aRenewedCertificateIsUsed() throws IOException {
        var files = read(PRESENT);
        var before = files.context();

        Pem.put(folder, "rsa.pem", "rsa.key");
        files.readAgain();

        assertThat(files.context()).isNotSameAs(before);
        assertThat(files.problem()).isNull();
    }

    @Test
    void theSameFilesChangeNothing() throws IOException {
        var files = read(PRESENT);
        var before = files.context(); // the same context lets clients resume their TLS sessions
        files.readAgain();
        assertThat(files.context()).isSameAs(before);
    }

    @Test
    void whileTheFilesAreBadTheLastGoodOneIsUsed() throws IOException {
        var files = read(PRESENT);
        var before = files.context();

        Pem.put(folder, "rsa.pem", "ec.key"); // only one of the two files is replaced
        files.readAgain();
        assertThat(files.context()).isSameAs(before);
        assertThat(files.problem()).contains("does not belong to the first certificate",
                "The previous certificate is used");

        Pem.put(folder, "rsa.pem", "rsa.key");
        files.readAgain();
        assertThat(files.context()).isNotSameAs(before);
        assertThat(files.problem()).isNull();
    }

    @Test
    void theEndOfACertificateIsToldBefore() throws IOException {
        var expires = read(PRESENT).expires();
        assertThat(read(expires.minus(Duration.ofDays(8))).problem()).isNull();
        assertThat(read(expires.minus(Duration.ofDays(6))).problem()).contains("it expires on ", "Renew it");
        assertThat(read(expires.plus(Duration.ofDays(1))).problem()).contains("it expired on ", "Renew it");
    }

    private CertificateFiles read(Instant present) throws IOException {
        return CertificateFiles.read(Pem.put(folder, "ec.pem", "ec.key"), Duration.ofMinutes(1),
                Clock.fixed(present, ZoneOffset.UTC));
    }
}
