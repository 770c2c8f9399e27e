package io.rejoin.edge.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import io.rejoin.contracts.Json;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.text.ParseException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes tokens, valid or not. Header and claims are written as they are given. */
public final class TestTokens {
    public static final String SECRET = "a secret of at least thirty-two bytes";

    private TestTokens() {}

    /**
     * Claims with {@code sub}, with {@code exp} in an hour, and with the given pairs of name and value. A null value
     * removes a claim.
     */
    public static Map<String, Object> claims(@Nullable Object... pairs) {
        var claims = new LinkedHashMap<String, Object>(Map.of("sub", "ann", "exp", in(3_600)));
        put(claims, pairs);
        return claims;
    }

    public static Map<String, Object> header(String alg, @Nullable Object... pairs) {
        var header = new LinkedHashMap<String, Object>(Map.of("alg", alg));
        put(header, pairs);
        return header;
    }

    private static void put(Map<String, Object> map, @Nullable Object... pairs) {
        for (var i = 0; i < pairs.length; i += 2) {
            var name = String.valueOf(pairs[i]);
            var value = pairs[i + 1];
            if (value == null) map.remove(name);
            else
                map.put(name, value);
        }
    }

    /** The time that many seconds from now, in seconds since 1970. */
    public static long in(long seconds) {
        return Instant.now().getEpochSecond() + seconds;
    }

    public static String hs256(Map<String, Object> claims) {
        return hs256(header("HS256"), claims, SECRET.getBytes(UTF_8));
    }

    public static String hs256(Map<String, Object> header, Map<String, Object> claims, byte[] secret) {
        return signed(header, claims, input -> new MACSigner(secret).sign(new JWSHeader(JWSAlgorithm.HS256), input));
    }

    /** A token signed by that key, with the key's id in the header. */
    public static String by(JWK key, String alg, Map<String, Object> claims) {
        return by(key, header(alg, "kid", key.getKeyID()), claims);
    }

    /** A token signed by that key, with the algorithm of the header's {@code alg}. */
    public static String by(JWK key, Map<String, Object> header, Map<String, Object> claims) {
        var alg = String.valueOf(header.get("alg"));
        return signed(header, claims, input -> switch (key) {
            case RSAKey rsa -> new RSASSASigner(rsa).sign(new JWSHeader(JWSAlgorithm.parse(alg)), input);
            case ECKey ec -> new ECDSASigner(ec).sign(new JWSHeader(JWSAlgorithm.parse(alg)), input);
            default -> ed25519((OctetKeyPair) key, input);
        });
    }

    /** A token with the given bytes as its signature. */
    public static String unsigned(Map<String, Object> header, Map<String, Object> claims, byte[] signature) {
        return signed(header, claims, _ -> Base64URL.encode(signature));
    }

    private static String signed(Map<String, Object> header, Map<String, Object> claims, Signer signer) {
        try {
            var input = Base64URL.encode(Json.MAPPER.writeValueAsBytes(header)) + "."
                    + Base64URL.encode(Json.MAPPER.writeValueAsBytes(claims));
            return input + "." + signer.sign(input.getBytes(UTF_8));
        } catch (JacksonException | JOSEException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private interface Signer {
        Base64URL sign(byte[] input) throws JOSEException, GeneralSecurityException;
    }

    /** A new key of that kind: RSA, P-256, P-384, P-521 or Ed25519. A null id gives a key without an id. */
    public static JWK key(String kind, @Nullable String kid) {
        try {
            return switch (kind) {
                case "RSA" -> new RSAKeyGenerator(2048).keyID(kid).generate();
                case "Ed25519" -> ed25519(kid);
                default -> new ECKeyGenerator(Curve.parse(kind)).keyID(kid).generate();
            };
        } catch (JOSEException | GeneralSecurityException | ParseException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Generates the key with the JDK, because the library needs Tink for that. The last 32 bytes of each encoding are
     * the key.
     */
    private static JWK ed25519(@Nullable String kid) throws GeneralSecurityException, ParseException {
        var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        return new OctetKeyPair.Builder(Curve.Ed25519, last32(pair.getPublic().getEncoded()))
                .d(last32(pair.getPrivate().getEncoded())).keyID(kid).build();
    }

    private static Base64URL last32(byte[] encoded) {
        return Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
    }

    private static Base64URL ed25519(OctetKeyPair key, byte[] input) throws GeneralSecurityException {
        var prefix = HexFormat.of().parseHex("302e020100300506032b657004220420");
        var encoded = Arrays.copyOf(prefix, prefix.length + 32);
        System.arraycopy(key.getDecodedD(), 0, encoded, prefix.length, 32);
        var signature = Signature.getInstance("Ed25519");
        signature.initSign(KeyFactory.getInstance("Ed25519")
                .generatePrivate(new PKCS8EncodedKeySpec(encoded)));
        signature.update(input);
        return Base64URL.encode(signature.sign());
    }
}
