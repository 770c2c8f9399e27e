package io.rejoin.listener.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/**
 * A certificate with its private key, ready for TLS.
 *
 * @param chain   the server's own certificate first
 * @param expires the earliest expiry date in the chain
 */
public record ServerCertificate(SSLContext context, PrivateKey key, List<X509Certificate> chain, Instant expires) {
    /** The key store exists only in this process's memory, so it needs no password. */
    private static final char[] NO_PASSWORD = {};

    public ServerCertificate {
        chain = List.copyOf(chain);
    }

    /** Omits the private key. */
    @Override
    public String toString() {
        return names() + " until " + expires;
    }

    /** Whether certificates and key are the same. Contexts are not compared, because they are never equal. */
    boolean isSame(ServerCertificate other) {
        return chain.equals(other.chain) && key.equals(other.key);
    }

    /**
     * Parses the bytes of two PEM files. The names appear in error messages.
     *
     * @throws IOException with a message that names the file and what is wrong
     */
    static ServerCertificate of(byte[] chainPem, String chainName, byte[] keyPem, String keyName) throws IOException {
        var chain = chain(chainPem, chainName);
        var key = key(keyPem, keyName);
        if (!belongTogether(key, chain.getFirst().getPublicKey()))
            throw new IOException("the key in " + keyName + " does not belong to the first certificate in " + chainName
                    + "; the server's own certificate must be the first");
        var expires = chain.stream().map(each -> each.getNotAfter().toInstant()).min(Instant::compareTo).orElseThrow();
        return new ServerCertificate(context(key, chain), key, chain, expires);
    }

    private static List<X509Certificate> chain(byte[] pem, String name) throws IOException {
        var converter = new JcaX509CertificateConverter();
        var chain = new ArrayList<X509Certificate>();
        try {
            for (var each : objects(pem)) {
                if (each instanceof X509CertificateHolder certificate) chain.add(converter.getCertificate(certificate));
            }
        } catch (IOException | RuntimeException | CertificateException e) {
            throw new IOException(name + " has a certificate that cannot be read: " + e.getMessage(), e);
        }
        if (chain.isEmpty()) throw new IOException(name + " has no certificate in PEM");
        return chain;
    }

    private static PrivateKey key(byte[] pem, String name) throws IOException {
        var converter = new JcaPEMKeyConverter();
        var encrypted = false;
        try {
            for (var each : objects(pem)) {
                if (each instanceof PrivateKeyInfo key) return converter.getPrivateKey(key);
                if (each instanceof PEMKeyPair pair) return converter.getPrivateKey(pair.getPrivateKeyInfo());
                encrypted |= each instanceof PKCS8EncryptedPrivateKeyInfo || each instanceof PEMEncryptedKeyPair;
            }
        } catch (IOException | RuntimeException e) {
            throw new IOException(name + " has a private key that cannot be read: " + e.getMessage(), e);
        }
        throw new IOException(encrypted
                ? name + " has an encrypted private key; `openssl pkey -in OLD -out NEW` makes one without encryption"
                : name + " has no private key in PEM");
    }

    /** The objects of a PEM file, in their order. */
    private static List<Object> objects(byte[] pem) throws IOException {
        var objects = new ArrayList<Object>();
        try (var parser = new PEMParser(new StringReader(new String(pem, ISO_8859_1)))) {
            for (var next = parser.readObject(); next != null; next = parser.readObject()) objects.add(next);
        }
        return objects;
    }

    private static boolean belongTogether(PrivateKey key, PublicKey other) throws IOException {
        var algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case "EdDSA", "Ed25519", "Ed448" -> "EdDSA";
            default -> throw new IOException("keys of the type " + key.getAlgorithm() + " are not supported; use RSA,"
                    + " EC or Ed25519");
        };
        try {
            var signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            var signed = signature.sign();
            signature.initVerify(other);
            return signature.verify(signed);
        } catch (GeneralSecurityException _) {
            return false; // key and certificate have different algorithms
        }
    }

    private static SSLContext context(PrivateKey key, List<X509Certificate> chain) throws IOException {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            store.setKeyEntry("server", key, NO_PASSWORD, chain.toArray(Certificate[]::new));
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, NO_PASSWORD);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificate cannot be used: " + e.getMessage(), e);
        }
    }

    /** The names for which the certificate is valid, for logs. */
    List<String> names() {
        var own = chain.getFirst();
        try {
            var alternatives = own.getSubjectAlternativeNames();
            if (alternatives == null) return List.of(own.getSubjectX500Principal().getName());
            return alternatives.stream().map(each -> String.valueOf(each.get(1))).toList();
        } catch (CertificateParsingException _) {
            return List.of(own.getSubjectX500Principal().getName());
        }
    }
}
