package io.rejoin.listener.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Two files in PEM, as certificate authorities, cert-manager and Let's Encrypt's clients write them.
 *
 * @param certificates the server's own first, then those that lead to a root
 * @param key          the private key of the first, not encrypted: PKCS #8, PKCS #1 (RSA) or SEC 1 (EC)
 */
public record PemFiles(Path certificates, Path key) {
    /** Larger files are not keys or certificates, but a mistake. */
    private static final int MOST_BYTES = 1024 * 1024;

    /**
     * Reads both.
     *
     * @throws IOException which says what is wrong with which file
     */
    public ServerCertificate read() throws IOException {
        return ServerCertificate.of(content(certificates), certificates.toString(), content(key), key.toString());
    }

    private static byte[] content(Path file) throws IOException {
        try {
            if (Files.size(file) > MOST_BYTES) throw new IOException(file + " is too large for a PEM file");
            return Files.readAllBytes(file);
        } catch (NoSuchFileException _) {
            throw new IOException(file + " is not there");
        } catch (IOException e) {
            throw new IOException(file + " cannot be read: " + reason(e), e);
        }
    }

    private static @Nullable String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
