package io.rejoin.edge.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.rejoin.contracts.UserId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("JavaUtilDate") // the library's builder takes nothing else
class JwtVerifierTest {
    private static final String SECRET = "a secret of at least thirty-two bytes";
    private final Instant inAnHour = Instant.ofEpochSecond(Instant.now().getEpochSecond() + 3_600);

    private final JwtVerifier verifier = JwtVerifier.withSecret(SECRET);

    @Test
    void aTokenSaysWhoItIsAndWhatItMay() throws Exception {
        var principal = verifier.verify(
                hs256(claims().claim("tenant", "acme").claim("rooms", List.of("team-*")), SECRET),
                "somebody else");

        assertThat(principal.user()).isEqualTo(new UserId("acme", "ann"));
        assertThat(principal.grants()).isEqualTo(new Grants(List.of("team-*")));
        assertThat(principal.expiresMs()).isEqualTo(inAnHour.plusSeconds(30).toEpochMilli()); // the leeway
    }

    @Test
    void withoutClaimsItIsTheDefaultTenantEveryRoomAndForEver() throws Exception {
        var principal = verifier.verify(hs256(new JWTClaimsSet.Builder().subject("ann"), SECRET), null);

        assertThat(principal).isEqualTo(new Principal(new UserId("default", "ann"), Grants.ALL, null));
    }

    @Test
    void whatDoesNotHoldIsRefused() throws Exception {
        assertRefused(null);
        assertRefused("");
        assertRefused("no.token.atall");
        assertRefused(hs256(claims(), "another secret of thirty-two bytes!!"));
        assertRefused(hs256(claims().expirationTime(Date.from(Instant.now().minusSeconds(60))), SECRET));
        assertRefused(hs256(claims().notBeforeTime(Date.from(Instant.now().plusSeconds(600))), SECRET));
        assertRefused(hs256(claims().subject(null), SECRET));
        assertRefused(hs256(claims().subject("a\u0000"), SECRET));
        assertRefused(hs256(claims().claim("tenant", "Not A Tenant"), SECRET));
        assertRefused(hs256(claims().claim("rooms", "no list"), SECRET));
        assertRefused(new PlainJWT(claims().build()).serialize()); // alg: none
        var token = hs256(claims(), SECRET);
        assertRefused(token.substring(0, token.lastIndexOf('.') + 1));
    }

    @Test
    void aKeyThatIsTooShortIsAnErrorOfTheConfiguration() {
        assertThatThrownBy(() -> JwtVerifier.withSecret("short")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("EDGE_JWT_SECRET");
    }

    @Test
    void aFileOfKeysVerifiesTheirTokensAndNoOthers(@TempDir Path folder) throws Exception {
        var key = key();
        var file = Files.writeString(folder.resolve("jwks.json"), new JWKSet(key.toPublicJWK()).toString());
        var ofFile = JwtVerifier.withJwks(file.toString());

        assertThat(ofFile.verify(es256(key, JOSEObjectType.JWT), null).user().name()).isEqualTo("ann");
        assertThat(ofFile.verify(es256(key, new JOSEObjectType("at+jwt")), null).user().name()).isEqualTo("ann");
        assertRefused(ofFile, es256(key(), JOSEObjectType.JWT));
        assertRefused(ofFile, es256(key, new JOSEObjectType("logout+jwt")));
        // a public key is no secret: the classic confusion of algorithms
        assertRefused(ofFile, hs256(claims(), new JWKSet(key.toPublicJWK()).toString()));
    }

    @Test
    void aUrlOfKeysIsReadAndAnOutageIsNoFaultOfTheToken() throws Exception {
        var key = key();
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/jwks", exchange -> {
            var body = new JWKSet(key.toPublicJWK()).toString().getBytes(UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        var url = "http://127.0.0.1:" + server.getAddress().getPort() + "/jwks";
        var ofUrl = JwtVerifier.withJwks(url);

        assertThat(ofUrl.verify(es256(key, JOSEObjectType.JWT), null).user().name()).isEqualTo("ann");
        assertRefused(ofUrl, hs256(claims(), SECRET));
        server.stop(0);
        var away = catchThrowableOfType(InvalidTokenException.class,
                () -> JwtVerifier.withJwks(url).verify(es256(key, JOSEObjectType.JWT), null));
        assertThat(away.isTemporary()).isTrue();
    }

    @Test
    void keysThatCannotBeReadAreAnErrorOfTheConfiguration(@TempDir Path folder) throws IOException {
        var nonsense = Files.writeString(folder.resolve("jwks.json"), "{");
        for (var location : List.of(nonsense.toString(), folder.resolve("none.json").toString(), "http://no url")) {
            assertThatThrownBy(() -> JwtVerifier.withJwks(location)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("EDGE_JWKS");
        }
    }

    private void assertRefused(@Nullable String token) {
        assertRefused(verifier, token);
    }

    private static void assertRefused(JwtVerifier verifier, @Nullable String token) {
        var refused = catchThrowableOfType(InvalidTokenException.class, () -> verifier.verify(token, null));
        assertThat(refused).as(token).isNotNull();
        assertThat(refused.isTemporary()).isFalse();
        assertThat(refused).hasMessageNotContaining("\n");
    }

    private JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder().subject("ann").expirationTime(Date.from(inAnHour));
    }

    private static String hs256(JWTClaimsSet.Builder claims, String secret) throws JOSEException {
        var jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims.build());
        jwt.sign(new MACSigner(secret.getBytes(UTF_8)));
        return jwt.serialize();
    }

    private String es256(ECKey key, JOSEObjectType type) throws JOSEException {
        var header = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).type(type).build();
        var jwt = new SignedJWT(header, claims().build());
        jwt.sign(new ECDSASigner(key));
        return jwt.serialize();
    }

    private static ECKey key() throws JOSEException {
        return new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
    }
}
