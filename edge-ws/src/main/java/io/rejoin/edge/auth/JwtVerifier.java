package io.rejoin.edge.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.EncryptedJWT;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.SignedJWT;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.env.ConfigException;
import java.text.ParseException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies JSON Web Tokens (RFC 7519). This class decides which algorithms and types are accepted, {@link Keys}
 * provides the keys, and {@link TokenRules} reads the claims. A key decides which algorithms it is used with, never the
 * token's header alone. Otherwise a public key could be used as a shared secret.
 */
public final class JwtVerifier implements TokenVerifier {
    /** The algorithms for a shared secret. */
    public static final List<JWSAlgorithm> SYMMETRIC = List.of(JWSAlgorithm.HS256);

    /** The algorithms for the keys of a JWKS. */
    public static final List<JWSAlgorithm> ASYMMETRIC = List.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384,
            JWSAlgorithm.RS512, JWSAlgorithm.PS256, JWSAlgorithm.PS384, JWSAlgorithm.PS512, JWSAlgorithm.ES256,
            JWSAlgorithm.ES384, JWSAlgorithm.ES512, JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);

    /**
     * The accepted types (RFC 7519, section 5.1, and RFC 9068, section 2.1), without the optional {@code application/}.
     */
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt");
    private static final String OPTIONAL_PREFIX = "application/";

    private final List<JWSAlgorithm> algorithms;
    private final Keys keys;
    private final TokenRules rules;
    private final Clock clock;

    JwtVerifier(List<JWSAlgorithm> algorithms, Keys keys, TokenRules rules) {
        this.algorithms = algorithms;
        this.keys = keys;
        this.rules = rules;
        this.clock = Clock.systemUTC();
    }

    /**
     * Verifies tokens that are signed with HS256.
     *
     * @param secret at least 32 bytes in UTF-8 (RFC 7518, section 3.2)
     */
    public static JwtVerifier withSecret(String secret, TokenRules rules) {
        var bytes = secret.getBytes(UTF_8);
        if (bytes.length < 32)
            throw new ConfigException("EDGE_JWT_SECRET has " + bytes.length
                    + " bytes; HS256 needs at least 32");
        return new JwtVerifier(SYMMETRIC, new Keys.Fixed(Keyring.secret(bytes)), rules);
    }

    /** Verifies tokens that are signed with a key of a JWKS (RFC 7517). */
    public static JwtVerifier withKeys(PublishedKeys keys, TokenRules rules) {
        return new JwtVerifier(ASYMMETRIC, keys, rules);
    }

    @Override
    public Principal verify(@Nullable String token, @Nullable String name) throws InvalidTokenException {
        if (token == null || token.isBlank()) {
            throw new InvalidTokenException("a token is required: ?token= or the header Authorization: Bearer");
        }
        var jwt = signed(parse(token));
        checkHeader(jwt.getHeader());
        checkSignature(jwt);
        return rules.principal(claims(jwt), clock.instant());
    }

    private static JWT parse(String token) throws InvalidTokenException {
        try {
            return JWTParser.parse(token.strip());
        } catch (ParseException | RuntimeException e) { // the library throws both for hostile tokens
            throw new InvalidTokenException("the token is not a JWT: three base64url parts with dots between them", e);
        }
    }

    private static SignedJWT signed(JWT jwt) throws InvalidTokenException {
        if (jwt instanceof SignedJWT signed) return signed;
        throw refusal(
                jwt instanceof EncryptedJWT ? "it is encrypted, not signed" : "it is not signed (\"alg\": \"none\")");
    }

    private void checkHeader(JWSHeader header) throws InvalidTokenException {
        if (!algorithms.contains(header.getAlgorithm()))
            throw refusal("its algorithm is not one of those that this server accepts: " + names(algorithms));
        if (header.getCriticalParams() != null || !header.isBase64URLEncodePayload())
            throw refusal("its header requires extensions (\"crit\"), and this server supports none");
        if (header.getType() == null) return;
        var type = header.getType().toString().toLowerCase(Locale.ROOT);
        if (!TYPES.contains(type.startsWith(OPTIONAL_PREFIX) ? type.substring(OPTIONAL_PREFIX.length()) : type))
            throw refusal("its type (\"typ\") is neither JWT nor at+jwt");
    }

    private void checkSignature(SignedJWT jwt) throws InvalidTokenException {
        var known = keys.current();
        if (known.verifies(jwt)) return;
        var isKnown = known.hasKeyFor(jwt.getHeader());
        try {
            var reread = keys.reread(); // the key may be new, or may have replaced one with the same id
            if (!reread.equals(known) && reread.verifies(jwt)) return;
            isKnown = reread.hasKeyFor(jwt.getHeader());
        } catch (InvalidTokenException e) {
            if (!isKnown) throw e; // the token may be valid: its key cannot be looked up now
        }
        throw refusal(isKnown ? "its signature is wrong" : "its key (\"kid\") is not a published one");
    }

    private static JsonNode claims(SignedJWT jwt) throws InvalidTokenException {
        try {
            var claims = Json.MAPPER.readTree(jwt.getPayload().toString());
            if (claims.isObject()) return claims;
        } catch (JacksonException | NumberFormatException _) { // the latter: an exponent that is too large
            // refused below
        }
        throw refusal("its claims are not a JSON object");
    }

    private static String names(List<JWSAlgorithm> algorithms) {
        return String.join(", ", algorithms.stream().map(JWSAlgorithm::getName).toList());
    }

    private static InvalidTokenException refusal(String reason) {
        return new InvalidTokenException("the token is not valid: " + reason);
    }
}
