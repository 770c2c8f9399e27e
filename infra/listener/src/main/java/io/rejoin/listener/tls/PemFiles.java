package io.rejoin.listener.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The two PEM files of a certificate and its key, as certificate authorities, cert-manager and Let's Encrypt clients
 * write them.
 *
 * @param certificates the server's own certificate first, then its chain towards a root
 * @param key          the unencrypted private key of the first certificate: PKCS #8, PKCS #1 (RSA) or SEC 1 (EC)
 */
public record PemFiles(Path certificates, Path key) {
    /** A larger file is a mistake: keys and certificates are small. */
    private static final int MAX_BYTES = 1024 * 1024;

    /**
     * Reads both files.
     *
     * @throws IOException with a message that names the file and what is wrong
     */
    public ServerCertificate read() throws IOException {
        return ServerCertificate.of(content(certificates), certificates.toString(), content(key), key.toString());
    }

    private static byte[] content(Path file) throws IOException {
        try {
            if (Files.size(file) > MAX_BYTES) throw new IOException(file + " is too large for a PEM file");
            return Files.readAllBytes(file);
        } catch (NoSuchFileException _) {
            throw new IOException(file + " does not exist");
        } catch (IOException e) {
            throw new IOException(file + " cannot be read: " + reason(e), e);
        }
    }

    private static @Nullable String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
