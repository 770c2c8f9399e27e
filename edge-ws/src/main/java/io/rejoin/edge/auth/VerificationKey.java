package io.rejoin.edge.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A key and the algorithms that it may be used with. The header of a token cannot choose another use.
 *
 * @param kid the key's id; a key without an id fits any token
 */
record VerificationKey(@Nullable String kid, Set<JWSAlgorithm> algorithms, Key key) {
    private static final Set<JWSAlgorithm> RSA = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512,
            JWSAlgorithm.PS256, JWSAlgorithm.PS384, JWSAlgorithm.PS512);
    /** RFC 9864 gives {@code EdDSA} on this curve the second name. */
    private static final Set<JWSAlgorithm> ED25519 = Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);
    /** The bytes before the 32 bytes of a public key in its X.509 form (RFC 8410). */
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final DefaultJWSVerifierFactory VERIFIERS = new DefaultJWSVerifierFactory();

    VerificationKey {
        algorithms = Set.copyOf(algorithms);
    }

    /** A key for HS256. It fits any key id, because there is no other key. */
    static VerificationKey secret(byte[] secret) {
        return new VerificationKey(null, Set.of(JWSAlgorithm.HS256), new SecretKeySpec(secret, "HmacSHA256"));
    }

    /** The public part of a key; null if the key does not sign tokens, or is of an unknown kind. */
    static @Nullable VerificationKey of(JWK jwk) throws JOSEException {
        if (jwk.getKeyUse() != null && !jwk.getKeyUse().equals(KeyUse.SIGNATURE)) return null;
        return switch (jwk) {
            case RSAKey rsa -> of(jwk, RSA, rsa.toPublicKey());
            case ECKey ec -> of(jwk, ofCurve(ec.getCurve()), ec.toPublicKey());
            case OctetKeyPair pair when pair.getCurve().equals(Curve.Ed25519) -> of(jwk, ED25519, ed25519(pair));
            default -> null;
        };
    }

    private static @Nullable VerificationKey of(JWK jwk, Set<JWSAlgorithm> kind, PublicKey key) {
        var declared = jwk.getAlgorithm();
        var isRestricted = declared != null && !(kind.equals(ED25519) && kind.contains(declared));
        var usable = isRestricted ? kind.stream().filter(declared::equals).collect(Collectors.toSet()) : kind;
        return usable.isEmpty() ? null : new VerificationKey(jwk.getKeyID(), usable, key);
    }

    private static Set<JWSAlgorithm> ofCurve(Curve curve) {
        if (curve.equals(Curve.P_256)) return Set.of(JWSAlgorithm.ES256);
        if (curve.equals(Curve.P_384)) return Set.of(JWSAlgorithm.ES384);
        return curve.equals(Curve.P_521) ? Set.of(JWSAlgorithm.ES512) : Set.of();
    }

    /** Decodes the key with the JDK, because the library would need Tink for that. */
    private static PublicKey ed25519(OctetKeyPair pair) throws JOSEException {
        var x = pair.getDecodedX();
        if (x.length != 32) throw new JOSEException("a key of Ed25519 has 32 bytes, not " + x.length);
        var encoded = new byte[ED25519_PREFIX.length + x.length];
        System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
        System.arraycopy(x, 0, encoded, ED25519_PREFIX.length, x.length);
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new JOSEException("no key of Ed25519", e);
        }
    }

    /** Whether this key may have signed a token with that header. */
    boolean matches(JWSHeader header) {
        return algorithms.contains(header.getAlgorithm())
                && (kid == null || header.getKeyID() == null || kid.equals(header.getKeyID()));
    }

    /** Whether this key has signed that token, whose header it {@link #matches}. False if the key cannot be used. */
    boolean verifies(SignedJWT jwt) {
        try {
            if (ED25519.contains(jwt.getHeader().getAlgorithm())) return verifiesEd25519(jwt);
            return VERIFIERS.createJWSVerifier(jwt.getHeader(), key).verify(jwt.getHeader(), jwt.getSigningInput(),
                    jwt.getSignature());
        } catch (JOSEException | GeneralSecurityException _) {
            return false;
        }
    }

    private boolean verifiesEd25519(SignedJWT jwt) throws GeneralSecurityException {
        var signature = Signature.getInstance("Ed25519");
        signature.initVerify((PublicKey) key);
        signature.update(jwt.getSigningInput());
        return signature.verify(jwt.getSignature().decode());
    }
}
