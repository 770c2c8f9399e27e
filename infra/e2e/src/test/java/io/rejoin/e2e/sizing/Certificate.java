package io.rejoin.e2e.sizing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** A certificate for the loopback address, made for one run, in the files that an edge and a client need. */
record Certificate(Path store, Path certificate, Path key) {
    static final String PASSWORD = "of a run";
    private static final String ALIAS = "edge";

    static Certificate make(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        var store = folder.resolve("edge.p12");
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        var log = folder.resolve("keytool.log");
        var status = new ProcessBuilder(List.of(keytool, "-genkeypair", "-keyalg", "EC", "-dname", "CN=127.0.0.1",
                "-ext", "san=ip:127.0.0.1", "-validity", "10", "-alias", ALIAS, "-keystore", store.toString(),
                "-storetype", "PKCS12", "-storepass", PASSWORD)).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start().waitFor();
        if (status != 0) throw new IllegalStateException("keytool: " + Files.readString(log));
        var keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        return new Certificate(store,
                pem(folder.resolve("edge.crt"), "CERTIFICATE", keys.getCertificate(ALIAS).getEncoded()),
                pem(folder.resolve("edge.key"), "PRIVATE KEY",
                        keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded()));
    }

    private static Path pem(Path file, String what, byte[] encoded) throws IOException {
        return Files.writeString(file,
                "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(encoded)
                        + "\n-----END " + what + "-----\n");
    }

    /** The edge's configuration. */
    Map<String, String> environment() {
        return Map.of("EDGE_TLS_CERT", certificate.toString(), "EDGE_TLS_KEY", key.toString());
    }

    /** Makes this JVM's clients trust the certificate; call it before the first client connects. */
    void trust() {
        System.setProperty("javax.net.ssl.trustStore", store.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
        System.setProperty("javax.net.ssl.trustStoreType", "PKCS12");
    }
}
