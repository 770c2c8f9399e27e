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
 * A key, and the algorithms it may be used with: a token's header does not choose how a key is taken.
 *
 * @param kid its id; a key without one fits any token
 */
record VerificationKey(@Nullable String kid, Set<JWSAlgorithm> algorithms, Key key) {
    private static final Set<JWSAlgorithm> RSA = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512,
            JWSAlgorithm.PS256, JWSAlgorithm.PS384, JWSAlgorithm.PS512);
    /** The second is the name that RFC 9864 gives the first on this curve. */
    private static final Set<JWSAlgorithm> ED25519 = Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);
    /** What is before the 32 bytes of a public key in its X.509 form (RFC 8410). */
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final DefaultJWSVerifierFactory VERIFIERS = new DefaultJWSVerifierFactory();

    VerificationKey {
        algorithms = Set.copyOf(algorithms);
    }

    /** For HS256. It fits whatever id a token names: there is no other. */
    static VerificationKey secret(byte[] secret) {
        return new VerificationKey(null, Set.of(JWSAlgorithm.HS256), new SecretKeySpec(secret, "HmacSHA256"));
    }

    /** The public part of a key; null when it is none that signs tokens, or of a kind that is not known here. */
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
        var own = jwk.getAlgorithm();
        var isRestricted = own != null && !(kind.equals(ED25519) && kind.contains(own));
        var usable = isRestricted ? kind.stream().filter(own::equals).collect(Collectors.toSet()) : kind;
        return usable.isEmpty() ? null : new VerificationKey(jwk.getKeyID(), usable, key);
    }

    private static Set<JWSAlgorithm> ofCurve(Curve curve) {
        if (curve.equals(Curve.P_256)) return Set.of(JWSAlgorithm.ES256);
        if (curve.equals(Curve.P_384)) return Set.of(JWSAlgorithm.ES384);
        return curve.equals(Curve.P_521) ? Set.of(JWSAlgorithm.ES512) : Set.of();
    }

    /** The library would need Tink for this; the JDK knows it since 15. */
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

    /** Whether a token with that header may be signed by it. */
    boolean fits(JWSHeader header) {
        return algorithms.contains(header.getAlgorithm())
                && (kid == null || header.getKeyID() == null || kid.equals(header.getKeyID()));
    }

    /** Whether it has signed that token, which it {@link #fits}. A key that cannot be used has signed nothing. */
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
