package io.rejoin.edge.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.ImmutableSecret;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.rejoin.contracts.UserId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JSON Web Tokens (RFC 7519): {@code sub} is the user, {@code exp} ends the connection, {@code tenant} (absent: the default
 * one) and {@code rooms} (a list of patterns; absent: every room) bound what it may do.
 */
public final class JwtVerifier implements TokenVerifier {
    private static final Set<JWSAlgorithm> ASYMMETRIC = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256, JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.EdDSA);

    /** RFC 9068. */
    private static final JOSEObjectType ACCESS_TOKEN = new JOSEObjectType("at+jwt");
    /** For clocks that differ: a token is taken, and its connection lasts, so much longer than it says. */
    private static final Duration LEEWAY = Duration.ofSeconds(30);

    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    private JwtVerifier(Set<JWSAlgorithm> algorithms, JWKSource<SecurityContext> keys) {
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithms, keys));
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, ACCESS_TOKEN, null));
        var claims = new DefaultJWTClaimsVerifier<SecurityContext>(null, Set.of("sub"));
        claims.setMaxClockSkew((int) LEEWAY.toSeconds());
        processor.setJWTClaimsSetVerifier(claims);
    }

    /**
     * Tokens signed with HS256.
     *
     * @param secret at least 32 bytes in UTF-8 (RFC 7518, section 3.2)
     */
    public static JwtVerifier withSecret(String secret) {
        var bytes = secret.getBytes(UTF_8);
        if (bytes.length < 32)
            throw new IllegalArgumentException("EDGE_JWT_SECRET has " + bytes.length
                    + " bytes; HS256 needs at least 32");
        return new JwtVerifier(Set.of(JWSAlgorithm.HS256), new ImmutableSecret<>(bytes));
    }

    /**
     * Tokens signed with a key of a JWKS (RFC 7517).
     *
     * @param location an {@code http(s)} URL, fetched when needed, cached and refreshed; or a file, read once, now
     */
    public static JwtVerifier withJwks(String location) {
        try {
            if (location.startsWith("http://") || location.startsWith("https://")) {
                return new JwtVerifier(ASYMMETRIC, JWKSourceBuilder.create(URI.create(location).toURL()).retrying(true)
                        .outageTolerant(true).build());
            }
            return new JwtVerifier(ASYMMETRIC, new ImmutableJWKSet<>(JWKSet.load(Path.of(location).toFile())));
        } catch (IOException | ParseException | IllegalArgumentException e) {
            throw new IllegalArgumentException("EDGE_JWKS cannot be read: " + location, e);
        }
    }

    @Override
    public Principal verify(@Nullable String token, @Nullable String name) throws InvalidTokenException {
        if (token == null || token.isEmpty()) {
            throw new InvalidTokenException("a token is required: ?token= or the header Authorization: Bearer");
        }
        try {
            return principal(processor.process(token, null));
        } catch (ParseException | BadJOSEException e) {
            throw new InvalidTokenException("the token does not hold: " + e.getMessage(), e);
        } catch (KeySourceException e) {
            throw InvalidTokenException.temporary("the token cannot be checked now: its keys are out of reach", e);
        } catch (JOSEException e) {
            throw new InvalidTokenException("the token does not hold: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new InvalidTokenException("the token's claims do not hold: " + e.getMessage(), e);
        }
    }

    private static Principal principal(JWTClaimsSet claims) throws ParseException {
        var tenant = claims.getStringClaim("tenant");
        var rooms = claims.getStringListClaim("rooms");
        var expires = claims.getExpirationTime();
        return new Principal(new UserId(tenant == null ? UserId.DEFAULT_TENANT : tenant, claims.getSubject()),
                rooms == null ? Grants.ALL : new Grants(rooms),
                expires == null ? null : expires.toInstant().plus(LEEWAY).toEpochMilli());
    }
}
