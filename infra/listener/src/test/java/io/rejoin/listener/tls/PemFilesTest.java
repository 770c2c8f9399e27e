package io.rejoin.listener.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemFilesTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"rsa.pem, rsa.key", "rsa.pem, rsa-pkcs1.key", "ec.pem, ec.key", "ec.pem, ec-sec1.key",
            "ed25519.pem, ed25519.key"})
    void keysOfUsualFormsAreRead(String certificate, String key) throws IOException {
        var read = Pem.put(folder, certificate, key).read();

        assertThat(read.names()).containsExactly("localhost", "127.0.0.1");
        assertThat(read.expires()).isAfter(Instant.parse("2100-01-01T00:00:00Z"));
        assertThat(read).asString().doesNotContainIgnoringCase("key");
    }

    @ParameterizedTest
    @CsvSource({"rsa.pem, ec.key", "ec.pem, rsa.key", "ec.pem, ed25519.key"})
    void aKeyOfAnotherCertificateIsRefused(String certificate, String key) {
        assertThatThrownBy(() -> Pem.put(folder, certificate, key).read()).isInstanceOf(IOException.class)
                .hasMessageContainingAll(folder.resolve("tls.key").toString(), folder.resolve("tls.crt").toString(),
                        "does not belong to the first certificate");
    }

    @Test
    void anEncryptedKeyIsRefusedWithWhatToDo() {
        assertThatThrownBy(() -> Pem.put(folder, "ec.pem", "encrypted.key").read()).isInstanceOf(IOException.class)
                .hasMessageContainingAll("tls.key", "encrypted", "openssl pkey");
    }

    @Test
    void filesThatAreSwappedAreNamed() {
        assertThatThrownBy(() -> Pem.put(folder, "ec.key", "ec.pem").read()).isInstanceOf(IOException.class)
                .hasMessageContainingAll("tls.crt", "no certificate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "-----BEGIN CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n", "\0\0\0\0"})
    void whatIsNoCertificateIsRefused(String content) throws IOException {
        var files = Pem.put(folder, "ec.pem", "ec.key");
        Files.writeString(files.certificates(), content, US_ASCII);
        assertThatThrownBy(files::read).isInstanceOf(IOException.class).hasMessageContaining("tls.crt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            "-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\n!!\n-----END RSA PRIVATE KEY-----",
            "\0\0\0\0"})
    void whatIsNoKeyIsRefused(String content) throws IOException {
        var files = Pem.put(folder, "ec.pem", "ec.key");
        Files.writeString(files.key(), content, US_ASCII);
        assertThatThrownBy(files::read).isInstanceOf(IOException.class).hasMessageContaining("tls.key");
    }

    @Test
    void whatIsNotThereOrNoFileIsNamed() {
        var folderAsKey = new PemFiles(Pem.put(folder, "ec.pem", "ec.key").certificates(), folder);
        assertThatThrownBy(folderAsKey::read).isInstanceOf(IOException.class).hasMessageContaining(folder.toString());
        assertThatThrownBy(new PemFiles(folder.resolve("none"), folder)::read).isInstanceOf(IOException.class)
                .hasMessage(folder.resolve("none") + " does not exist");
    }

    @Test
    void aFileThatIsTooLargeIsNotRead() throws IOException {
        var files = Pem.put(folder, "ec.pem", "ec.key");
        Files.write(files.certificates(), new byte[2 * 1024 * 1024]);
        assertThatThrownBy(files::read).isInstanceOf(IOException.class).hasMessageContaining("too large");
    }
}
