package io.rejoin.edge.auth;

import static io.rejoin.edge.auth.TestTokens.by;
import static io.rejoin.edge.auth.TestTokens.claims;
import static io.rejoin.edge.auth.TestTokens.hs256;
import static io.rejoin.edge.auth.TestTokens.key;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests tokens and keys that do not fit into the table of {@code TokensIT}. */
class JwtVerifierTest {
    private static final JWK RSA = key("RSA", "rsa");
    private static final JWK ED = key("Ed25519", "ed");

    @Test
    void aTooShortSecretIsAConfigurationError() {
        assertThatThrownBy(() -> JwtVerifier.withSecret("short", TokenRules.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("EDGE_JWT_SECRET");
    }

    @Test
    void anUnusableKeyFileIsAConfigurationError(@TempDir Path folder) throws IOException {
        var nonsense = Files.writeString(folder.resolve("jwks.json"), "{");
        var empty = Files.writeString(folder.resolve("empty.json"), "{\"keys\":[]}");
        var large = Files.write(folder.resolve("large.json"), new byte[2_000_000]);
        for (var location : List.of(nonsense, empty, large, folder, folder.resolve("none.json"))) {
            var settings = new JwksSettings(location.toString(), Duration.ofSeconds(5), 1_000_000,
                    Duration.ofMinutes(5), Duration.ofDays(1));
            assertThatThrownBy(() -> PublishedKeys.of(settings, new Random(1)))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("EDGE_JWKS")
                    .hasMessageContaining(location.toString());
        }
    }

    @Test
    void unusableEntriesAreSkipped() throws Exception {
        var keys = Keyring
                .parse(("{\"keys\":[{\"kty\":\"AKP\"},{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"},"
                        + "{\"kty\":\"RSA\",\"n\":5},null,7,[],{\"kty\":\"oct\",\"k\":\"AAAA\"},{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\"},"
                        + "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}," + RSA.toPublicJWK() + "]}")
                        .getBytes(UTF_8));

        assertThat(keys.kids()).containsExactly("rsa");
        assertThat(keys.unusable()).isEqualTo(9);
        // a private key gives the same public key
        assertThat(Keyring.parse(("{\"keys\":[" + RSA + "]}").getBytes(UTF_8)).keys()).isEqualTo(keys.keys());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[{}]}", "<html>",
            "1e99999999999",
            "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}"})
    void anInvalidJwksIsAnError(String text) {
        assertThatThrownBy(() -> Keyring.parse(text.getBytes(UTF_8))).isInstanceOf(IOException.class);
    }

    /** The client of a guest asks for its earlier name. A client with a token must not become another user that way. */
    @Test
    void theClientsNameIsIgnored() throws Exception {
        var verifier = JwtVerifier.withSecret(TestTokens.SECRET, TokenRules.DEFAULT);
        var token = hs256(claims()); // a second token could expire a second later
        var ann = verifier.verify(token, null);
        for (var name : List.of("bob", "guest-1a2b3c4d", "ann", "")) {
            assertThat(verifier.verify(token, name)).isEqualTo(ann);
        }
        assertThat(verifier.verify(hs256(claims("sub", "guest-1a2b3c4d")), null).guest()).isFalse();
        assertThatThrownBy(() -> verifier.verify(null, "guest-1a2b3c4d")).isInstanceOf(InvalidTokenException.class);
    }

    /** Every malformed token must lead to a refusal, never to another exception. */
    @Test
    void malformedTokensAreRefused() throws Exception {
        var random = new Random(7);
        var keys = new Keyring(List.of(VerificationKey.of(RSA), VerificationKey.of(ED)), 0);
        var verifiers = List.of(JwtVerifier.withSecret(TestTokens.SECRET, TokenRules.DEFAULT),
                new JwtVerifier(JwtVerifier.ASYMMETRIC, new Keys.Fixed(keys), TokenRules.DEFAULT));
        var tokens = List.of(hs256(claims("rooms", List.of("*"))), by(RSA, "PS256", claims()),
                by(ED, "EdDSA", claims()));
        for (var n = 0; n < 1_000; n++) {
            var token = mutated(tokens.get(n % tokens.size()), random);
            for (var verifier : verifiers) {
                assertThatThrownBy(() -> verifier.verify(token, null)).as(token)
                        .isInstanceOf(InvalidTokenException.class).hasMessageNotContaining("\n");
            }
        }
    }

    /**
     * Changes bytes or characters in one of the three parts. The last character of a signature can have unused bits, so
     * it is decoded first.
     */
    private static String mutated(String token, Random random) {
        var parts = token.split("\\.");
        var part = random.nextInt(3);
        var bytes = Base64.getUrlDecoder().decode(parts[part]);
        for (var n = random.nextInt(1, 4); n > 0; n--) {
            var at = random.nextInt(bytes.length);
            bytes[at] = (byte) (bytes[at] ^ (1 + random.nextInt(255)));
        }
        parts[part] = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        if (random.nextInt(4) == 0) parts[part] = parts[part] + "{}\u0000é".charAt(random.nextInt(4)) + "x";
        var mutant = String.join(".", parts);
        return mutant.equals(token) ? "x" + token : mutant;
    }
}
