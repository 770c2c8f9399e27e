package io.rejoin.edge.session;

import static io.rejoin.edge.auth.TestTokens.SECRET;
import static io.rejoin.edge.auth.TestTokens.by;
import static io.rejoin.edge.auth.TestTokens.claims;
import static io.rejoin.edge.auth.TestTokens.header;
import static io.rejoin.edge.auth.TestTokens.hs256;
import static io.rejoin.edge.auth.TestTokens.in;
import static io.rejoin.edge.auth.TestTokens.key;
import static io.rejoin.edge.auth.TestTokens.unsigned;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.Json;
import io.rejoin.edge.auth.Grants;
import io.rejoin.edge.auth.JwksSettings;
import io.rejoin.edge.auth.JwtVerifier;
import io.rejoin.edge.auth.KeyServer;
import io.rejoin.edge.auth.OriginPolicy;
import io.rejoin.edge.auth.PublishedKeys;
import io.rejoin.edge.auth.TokenRules;
import io.rejoin.edge.auth.TokenVerifier;
import io.rejoin.edge.metrics.SocketMeters;
import io.rejoin.edge.websocket.FrameMemory;
import io.rejoin.edge.websocket.Rates;
import io.rejoin.edge.websocket.Upgrader;
import io.rejoin.edge.websocket.WebSocketLimits;
import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.Http;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests all kinds of tokens with a real upgrade. The keys are a secret, a file, or a server that is slow, large,
 * unreachable and so on.
 */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class TokensIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String ED = "Ed25519";
    private static final JWK RSA = key("RSA", "rsa");
    private static final JWK P256 = key("P-256", "p256");
    private static final JWK P384 = key("P-384", "p384");
    private static final JWK P521 = key("P-521", "p521");
    private static final JWK EDDSA = key(ED, "ed");
    private static final JWK FOR_RS256_ONLY = new RSAKey.Builder((RSAKey) key("RSA", "rs256"))
            .algorithm(JWSAlgorithm.RS256).build();
    private static final JWK FOR_ENCRYPTION = new ECKey.Builder((ECKey) key("P-256", "enc"))
            .keyUse(KeyUse.ENCRYPTION).build();
    private static final KeyServer PUBLISHED = new KeyServer(RSA, P256, P384, P521, EDDSA, FOR_RS256_ONLY,
            FOR_ENCRYPTION);
    private static final TokenRules STRICT = new TokenRules("https://id.example/", Set.of("rejoin", "other"), true,
            TokenRules.DEFAULT.user(), TokenRules.DEFAULT.tenant(), TokenRules.DEFAULT.rooms(), Grants.NONE);

    /** The answers, by the text of the row. */
    private static final Map<String, Answer> ANSWERS = new ConcurrentHashMap<>();

    private static TestEndpoint secret;
    private static TestEndpoint keys;
    private static TestEndpoint strict;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void open() throws InterruptedException {
        secret = new TestEndpoint(JwtVerifier.withSecret(SECRET, TokenRules.DEFAULT), null);
        keys = TestEndpoint.of(settings(PUBLISHED.url()));
        strict = new TestEndpoint(JwtVerifier.withSecret(SECRET, STRICT), null);
        sendAll();
    }

    @AfterAll
    static void closeAll() {
        for (var endpoint : List.of(secret, keys, strict)) endpoint.close();
        PUBLISHED.close();
    }

    @AfterEach
    void close() throws Exception {
        for (var each : opened) each.close();
    }

    /** A token and its expected answer: the name of the user, or the status and code of the refusal. */
    record Row(String what, Target target, @Nullable String token, String expected) {
        @Override
        public String toString() {
            return target + ": " + what;
        }
    }

    enum Target {
        SECRET, KEYS, STRICT
    }

    private static Row row(String what, Target target, @Nullable String token, String expected) {
        return new Row(what, target, token, expected);
    }

    private static final String INVALID = "401 invalid_token";

    static Stream<Row> headers() {
        var none = unsigned(header("none"), claims(), new byte[0]);
        return Stream.of(row("HS256", Target.SECRET, hs256(claims()), "ann"),
                row("with a kid", Target.SECRET, secret(header("HS256", "kid", "any-key")), "ann"),
                row("typ JWT", Target.SECRET, secret(header("HS256", "typ", "JWT")), "ann"),
                row("typ jwt", Target.SECRET, secret(header("HS256", "typ", "jwt")), "ann"),
                row("typ at+jwt", Target.SECRET, secret(header("HS256", "typ", "at+jwt")), "ann"),
                row("typ application/at+jwt", Target.SECRET, secret(header("HS256", "typ", "application/at+jwt")),
                        "ann"),
                row("typ application/JWT", Target.SECRET, secret(header("HS256", "typ", "application/JWT")), "ann"),
                row("a token for logging out", Target.SECRET, secret(header("HS256", "typ", "logout+jwt")), INVALID),
                row("blanks around it", Target.SECRET, "%20" + hs256(claims()) + "%0A", "ann"),
                row("crit", Target.SECRET, secret(header("HS256", "crit", List.of("exp"), "exp", 1)), INVALID),
                row("crit b64", Target.SECRET, secret(header("HS256", "crit", List.of("b64"), "b64", false)), INVALID),
                row("an empty crit", Target.SECRET, secret(header("HS256", "crit", List.of())), INVALID),
                row("none", Target.SECRET, none, INVALID),
                row("none, no dot", Target.SECRET, none.substring(0, none.length() - 1), INVALID),
                row("None", Target.SECRET, unsigned(header("None"), claims(), new byte[0]), INVALID),
                row("no alg", Target.SECRET, unsigned(header("HS256", "alg", null), claims(), new byte[32]), INVALID),
                row("HS512", Target.SECRET, secret(header("HS512")), INVALID),
                row("RS256", Target.SECRET, by(RSA, "RS256", claims()), INVALID),
                row("another secret", Target.SECRET,
                        hs256(header("HS256"), claims(), "another secret of thirty-two bytes!!".getBytes(UTF_8)),
                        INVALID),
                row("no signature", Target.SECRET, unsigned(header("HS256"), claims(), new byte[0]), INVALID),
                row("two parts", Target.SECRET, hs256(claims()).replaceFirst("\\.[^.]*$", ""), INVALID),
                row("encrypted", Target.SECRET, "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA", INVALID),
                row("an API key", Target.SECRET, "sk_live_0123456789", INVALID),
                row("nothing", Target.SECRET, "", INVALID),
                row("no token", Target.SECRET, null, INVALID));
    }

    static Stream<Row> claimsOfAllKinds() {
        return Stream.of(claim("expired", "exp", in(-60), INVALID),
                claim("expired within the leeway", "exp", in(-10), "ann"),
                claim("no exp", "exp", null, INVALID), claim("exp as text", "exp", "" + in(60), INVALID),
                claim("exp in milliseconds", "exp", in(60) * 1_000, INVALID),
                claim("exp with a fraction", "exp", in(60) + 0.5, "ann"),
                claim("exp beyond any number", "exp", Double.MAX_VALUE, INVALID),
                claim("exp below zero", "exp", -1, INVALID),
                claim("not yet", "nbf", in(600), INVALID), claim("nbf within the leeway", "nbf", in(10), "ann"),
                claim("nbf as text", "nbf", "soon", INVALID), claim("iat ahead", "iat", in(600), "ann"),
                claim("no sub", "sub", null, INVALID), claim("an empty sub", "sub", "", INVALID),
                claim("a number as sub", "sub", 42, "42"), claim("a list as sub", "sub", List.of("ann"), INVALID),
                claim("a sub of Auth0", "sub", "auth0|5f7c8ec7c33c6c004bbafe82", "auth0|5f7c8ec7c33c6c004bbafe82"),
                claim("255 characters", "sub", "u".repeat(255), "u".repeat(255)),
                claim("256", "sub", "u".repeat(256), INVALID),
                claim("a control character", "sub", "a\u0000", INVALID),
                claim("a sub as it is", "sub", "a\u200Bb", "a\u200Bb"),
                claim("a tenant", "tenant", "Acme_1.EU-" + "x".repeat(54), "ann"),
                claim("a long tenant", "tenant", "x".repeat(65), INVALID),
                claim("a tenant with a slash", "tenant", "a/b", INVALID),
                claim("a list of tenants", "tenant", List.of("a"), INVALID),
                claim("rooms", "rooms", List.of("lobby"), "ann"),
                claim("no rooms", "rooms", List.of(), "403 forbidden"),
                claim("rooms as scopes", "rooms", "a lobby b", "ann"),
                claim("other scopes", "rooms", "openid profile", "403 forbidden"),
                claim("rooms as a number", "rooms", 1, INVALID),
                claim("rooms as an object", "rooms", Map.of("*", true), INVALID),
                claim("a number among rooms", "rooms", List.of("lobby", 1), INVALID),
                claim("rooms true", "rooms", true, INVALID));
    }

    static Stream<Row> signaturesByPublishedKeys() {
        var secretOfKey = new String(
                Json.MAPPER.valueToTree(RSA.toPublicJWK().toJSONObject()).toString().getBytes(UTF_8), UTF_8);
        var strange = key("P-256", "p256");
        return Stream.of(row("RS256", Target.KEYS, by(RSA, "RS256", claims()), "ann"),
                row("RS384", Target.KEYS, by(RSA, "RS384", claims()), "ann"),
                row("RS512", Target.KEYS, by(RSA, "RS512", claims()), "ann"),
                row("PS256", Target.KEYS, by(RSA, "PS256", claims()), "ann"),
                row("PS384", Target.KEYS, by(RSA, "PS384", claims()), "ann"),
                row("PS512", Target.KEYS, by(RSA, "PS512", claims()), "ann"),
                row("ES256", Target.KEYS, by(P256, "ES256", claims()), "ann"),
                row("ES384", Target.KEYS, by(P384, "ES384", claims()), "ann"),
                row("ES512", Target.KEYS, by(P521, "ES512", claims()), "ann"),
                row("EdDSA", Target.KEYS, by(EDDSA, "EdDSA", claims()), "ann"),
                row(ED, Target.KEYS, by(EDDSA, ED, claims()), "ann"),
                row("no kid", Target.KEYS, by(P521, header("ES512"), claims()), "ann"),
                row("no kid, one of several", Target.KEYS, by(FOR_RS256_ONLY, header("RS256"), claims()), "ann"),
                row("an access token", Target.KEYS,
                        by(RSA, header("RS256", "kid", "rsa", "typ", "application/at+jwt"), claims()), "ann"),
                row("an expired one", Target.KEYS, by(RSA, "RS256", claims("exp", in(-60))), INVALID),
                row("a key for RS256 alone", Target.KEYS, by(FOR_RS256_ONLY, "PS256", claims()), INVALID),
                row("a key for encryption", Target.KEYS, by(FOR_ENCRYPTION, "ES256", claims()), INVALID),
                row("an unknown kid", Target.KEYS, by(key("P-256", "new"), "ES256", claims()), INVALID),
                row("another key under a known kid", Target.KEYS, by(strange, "ES256", claims()), INVALID),
                row("a key in the header", Target.KEYS,
                        by(strange, header("ES256", "jwk", strange.toPublicJWK().toJSONObject()), claims()), INVALID),
                row("a URL of keys in the header", Target.KEYS,
                        by(strange, header("ES256", "kid", "p256", "jku", "http://127.0.0.1:1/"), claims()), INVALID),
                row("HS256 by the public key", Target.KEYS,
                        hs256(header("HS256", "kid", "rsa"), claims(), secretOfKey.getBytes(UTF_8)), INVALID),
                row("none", Target.KEYS, unsigned(header("none", "kid", "rsa"), claims(), new byte[0]), INVALID),
                row("ES256 of zeros", Target.KEYS, unsigned(header("ES256", "kid", "p256"), claims(), new byte[64]),
                        INVALID),
                row("EdDSA of zeros", Target.KEYS, unsigned(header("EdDSA", "kid", "ed"), claims(), new byte[64]),
                        INVALID),
                row("EdDSA cut short", Target.KEYS, unsigned(header("EdDSA", "kid", "ed"), claims(), new byte[7]),
                        INVALID),
                row("ES256K", Target.KEYS, unsigned(header("ES256K"), claims(), new byte[64]), INVALID));
    }

    static Stream<Row> issuersAndAudiences() {
        var good = claims("iss", "https://id.example/", "aud", List.of("account", "rejoin"), "rooms", List.of("*"));
        return Stream.of(row("all of it", Target.STRICT, hs256(good), "ann"),
                row("aud as text", Target.STRICT,
                        hs256(claims("iss", "https://id.example/", "aud", "other", "rooms", "*")), "ann"),
                row("another iss", Target.STRICT, hs256(claims("iss", "https://id.example", "aud", "rejoin")),
                        INVALID),
                row("no iss", Target.STRICT, hs256(claims("aud", "rejoin")), INVALID),
                row("another aud", Target.STRICT, hs256(claims("iss", "https://id.example/", "aud", "rejoin2")),
                        INVALID),
                row("no aud", Target.STRICT, hs256(claims("iss", "https://id.example/")), INVALID),
                row("an empty aud", Target.STRICT, hs256(claims("iss", "https://id.example/", "aud", List.of())),
                        INVALID),
                row("no rooms where none is the default", Target.STRICT,
                        hs256(claims("iss", "https://id.example/", "aud", "rejoin")), "403 forbidden"));
    }

    /** Sends all tokens at the same time, because a token with an unknown key waits for the next read. */
    private static void sendAll() throws InterruptedException {
        var threads = new ArrayList<Thread>();
        Stream.of(headers(), claimsOfAllKinds(), signaturesByPublishedKeys(), issuersAndAudiences()).flatMap(s -> s)
                .forEach(row -> threads
                        .add(Thread.ofVirtual()
                                .start(() -> ANSWERS.put(row.toString(), endpointOf(row).answer(row.token)))));
        for (var thread : threads) thread.join();
    }

    private static TestEndpoint endpointOf(Row row) {
        return switch (row.target) {
            case SECRET -> secret;
            case KEYS -> keys;
            case STRICT -> strict;
        };
    }

    @ParameterizedTest
    @MethodSource({"headers", "claimsOfAllKinds", "signaturesByPublishedKeys", "issuersAndAudiences"})
    void eachTokenGetsItsExpectedAnswer(Row row) {
        assertThat(ANSWERS.get(row.toString())).extracting(Answer::outcome).isEqualTo(row.expected);
    }

    @Test
    void aSlowServerWithManyKeysWorks() {
        var many = Stream.generate(() -> FOR_ENCRYPTION).limit(1_000);
        var server = server(Stream.concat(many, Stream.of(RSA)).toArray(JWK[]::new));
        server.setDelay(Duration.ofSeconds(2));
        var endpoint = endpointOf(server);

        assertThat(endpoint.answer(by(RSA, "RS256", claims())).outcome).isEqualTo("ann");
        assertThat(endpoint.problem()).isNull();
    }

    @Test
    void beforeTheFirstKeysClientsAreToldToTryAgain() {
        var server = server(RSA);
        server.stop();
        var endpoint = endpointOf(server);
        var answer = endpoint.answer(by(RSA, "RS256", claims()));

        assertThat(answer.outcome).isEqualTo("503 unavailable");
        assertThat(answer.head).containsIgnoringCase("\r\nRetry-After: ");
        assertThat(endpoint.problem()).contains(server.url()).contains("No client can connect");
        server.restart();
        await().atMost(LONG).until(() -> endpoint.answer(by(RSA, "RS256", claims())).outcome.equals("ann"));
        assertThat(endpoint.problem()).isNull();
    }

    @Test
    void whileTheServerIsAwayKnownKeysStayInUse() {
        var server = server(RSA);
        var endpoint = endpointOf(server);
        assertThat(endpoint.answer(by(RSA, "RS256", claims())).outcome).isEqualTo("ann");
        server.stop();
        var later = key("P-256", "later");

        assertThat(endpoint.answer(by(later, "ES256", claims())).outcome).isEqualTo("503 unavailable");
        assertThat(endpoint.problem()).contains(server.url()).contains("uses the keys from before");
        assertThat(endpoint.answer(by(RSA, "RS256", claims())).outcome).isEqualTo("ann");
        assertThat(endpoint.answer(by(key("RSA", "rsa"), "RS256", claims())).outcome).isEqualTo(INVALID);
        server.publish(RSA, later);
        server.restart();
        await().atMost(LONG).until(() -> endpoint.answer(by(later, "ES256", claims())).outcome.equals("ann"));
    }

    @Test
    void manyUnknownKeysDelayNoNewKeyAndCauseFewReads() throws Exception {
        var server = server(RSA);
        var endpoint = endpointOf(server);
        assertThat(endpoint.answer(by(RSA, "RS256", claims())).outcome).isEqualTo("ann");
        var begun = System.nanoTime();
        var flood = new ArrayList<Thread>();
        var outcomes = Collections.synchronizedSet(new TreeSet<String>());
        for (var n = 0; n < 50; n++) {
            var invented = unsigned(header("RS256", "kid", "invented-" + n), claims(), new byte[256]);
            flood.add(Thread.ofVirtual().start(() -> {
                for (var times = 0; times < 2; times++) outcomes.add(endpoint.answer(invented).outcome);
            }));
        }
        var later = key("P-256", "later");
        server.publish(RSA, later);
        await().atMost(LONG).until(() -> endpoint.answer(by(later, "ES256", claims())).outcome.equals("ann"));
        var seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
        for (var each : flood) each.join();
        var all = Duration.ofNanos(System.nanoTime() - begun).toSeconds();

        assertThat(seconds).isLessThan(20); // 2 s, and time for a slow machine
        assertThat(outcomes).isSubsetOf(INVALID, "503 unavailable").contains(INVALID);
        assertThat(server.requestCount()).isLessThanOrEqualTo((int) all / 2 + 3);
    }

    @Test
    void aNewKeyWithAnOldIdOrWithoutOneIsFound() {
        for (var kid : new String[]{"default", null}) {
            var server = server(key("P-256", kid));
            var endpoint = endpointOf(server);
            await().atMost(LONG).until(() -> server.requestCount() > 0);
            var later = key("P-256", kid);
            server.publish(later);

            assertThat(endpoint.answer(by(later, header("ES256"), claims())).outcome).isEqualTo("ann");
        }
    }

    @Test
    void keysInAFileAreReadAgainToo(@TempDir Path folder) throws IOException {
        var file = Files.writeString(folder.resolve("jwks.json"), "{\"keys\":[" + P256.toPublicJWK() + "]}");
        var endpoint = opened(TestEndpoint.of(settings(file.toString())));
        assertThat(endpoint.answer(by(P256, "ES256", claims())).outcome).isEqualTo("ann");
        Files.writeString(file, "{\"keys\":[" + P384.toPublicJWK() + "]}");

        assertThat(endpoint.answer(by(P384, "ES384", claims())).outcome).isEqualTo("ann");
    }

    private static Row claim(String what, String name, @Nullable Object value, String expected) {
        return row(what, Target.SECRET, hs256(claims(name, value)), expected);
    }

    private static String secret(Map<String, Object> header) {
        return hs256(header, claims(), SECRET.getBytes(UTF_8));
    }

    private static JwksSettings settings(String location) {
        return new JwksSettings(location, Duration.ofSeconds(5), 1024 * 1024, Duration.ofMinutes(5),
                Duration.ofDays(1));
    }

    private KeyServer server(JWK... published) {
        return opened(new KeyServer(published));
    }

    private TestEndpoint endpointOf(KeyServer server) {
        return opened(TestEndpoint.of(settings(server.url())));
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    /** @param outcome the user's name, or the status and code */
    private record Answer(String outcome, String head) {}

    /** The endpoint of an edge on its own port, without anything behind it. */
    private static final class TestEndpoint implements AutoCloseable {
        private final Fixture fixture = new Fixture(200);
        private final @Nullable PublishedKeys keys;
        private final Listener server;

        TestEndpoint(TokenVerifier tokens, @Nullable PublishedKeys keys) {
            this.keys = keys;
            var endpoint = fixture.endpoint(tokens, OriginPolicy.parse("*"));
            var limits = WebSocketLimits.of(65_536, 512 * 1024, Rates.of(100, 1024 * 1024),
                    new FrameMemory(1 << 20));
            server = new Listener("127.0.0.1", 0,
                    new Listener.Limits(new ConnectionBudget(200, 200), Deadlines.USUAL, Duration.ofSeconds(1)),
                    new Http((_, _) -> {
                        throw new IllegalStateException("nobody asks");
                    }, new Upgrader(endpoint, limits, new SocketMeters(new SimpleMeterRegistry()))), fatal -> {
                        throw new IllegalStateException(fatal);
                    });
            try {
                server.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        static TestEndpoint of(JwksSettings settings) {
            var keys = PublishedKeys.of(settings, new Random(1));
            Thread.ofVirtual().start(keys);
            return new TestEndpoint(JwtVerifier.withKeys(keys, TokenRules.DEFAULT), keys);
        }

        @Nullable
        String problem() {
            return keys == null ? null : keys.problem();
        }

        /** Asks to connect to the lobby. */
        Answer answer(@Nullable String token) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                socket.setSoTimeout((int) LONG.toMillis());
                var path = "/ws/lobby" + (token == null ? "" : "?token=" + token);
                socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                        + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
                        .getBytes(UTF_8));
                var in = new DataInputStream(socket.getInputStream());
                var head = head(in);
                if (head.startsWith("HTTP/1.1 101 "))
                    return new Answer(Json.MAPPER.readTree(frame(in)).get("user").asText(), head);
                var refused = Json.MAPPER.readTree(in.readAllBytes());
                return new Answer(head.substring(9, 13) + refused.get("code").asText(), head);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String head(DataInputStream in) throws IOException {
            var head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) head.append((char) in.readUnsignedByte());
            return head.toString();
        }

        private static byte[] frame(DataInputStream in) throws IOException {
            in.readUnsignedByte();
            var length = in.readUnsignedByte();
            return in.readNBytes(length == 126 ? in.readUnsignedShort() : length);
        }

        @Override
        public void close() {
            server.close();
            if (keys != null) keys.stop();
            fixture.close();
        }
    }
}
