package io.rejoin.listener.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/** Certificates for {@code localhost}, valid for a hundred years, with their keys, as OpenSSL made them. */
final class Pem {
    private Pem() {}

    /** Puts both files into the folder, as {@code tls.crt} and {@code tls.key}, in place of what is there. */
    static PemFiles put(Path folder, String certificate, String key) {
        return new PemFiles(put(certificate, folder.resolve("tls.crt")), put(key, folder.resolve("tls.key")));
    }

    private static Path put(String name, Path target) {
        try (var in = Objects.requireNonNull(Pem.class.getResourceAsStream(name), name)) {
            Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
