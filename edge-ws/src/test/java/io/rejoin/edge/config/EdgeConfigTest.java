package io.rejoin.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.edge.auth.ClaimPath;
import io.rejoin.edge.auth.Grants;
import io.rejoin.edge.auth.TokenRules;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EdgeConfigTest {
    private static final String SECRET = "a secret of at least thirty-two bytes";

    @Test
    void withAKeyEverythingElseHasADefault() {
        var config = EdgeConfig.from(Map.of("EDGE_JWT_SECRET", SECRET));

        assertThat(config.listen().host()).isEqualTo("0.0.0.0");
        assertThat(config.listen().port()).isEqualTo(8080);
        assertThat(config.history().url()).isEqualTo(URI.create("http://127.0.0.1:8090"));
        assertThat(config.connection().heartbeat()).isEqualTo(Duration.ofSeconds(25));
        assertThat(config.messages().direct()).isTrue();
        assertThat(config.messages().confirmWithin()).isEqualTo(Duration.ofDays(7));
        assertThat(config.listen().origins().permits("https://any.example")).isTrue();
    }

    @Test
    void devAuthRequiresALoopbackHost() {
        var config = EdgeConfig.from(Map.of("EDGE_AUTH", "dev"));

        assertThat(config.listen().host()).isEqualTo("127.0.0.1");
        assertThat(config.listen().origins().permits("https://any.example")).isFalse();
        for (var host : new String[]{"0.0.0.0", "192.168.1.1", "no.such.host.invalid", "::"}) {
            assertThatThrownBy(() -> EdgeConfig.from(Map.of("EDGE_AUTH", "dev", "EDGE_HOST", host)))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("EDGE_HOST")
                    .hasMessageContaining(host);
        }
    }

    @Test
    void directMessagesCanBeSwitchedOff() {
        var config = EdgeConfig.from(Map.of("EDGE_AUTH", "dev", "EDGE_DIRECT", "off", "EDGE_CONFIRM_WITHIN", "P30D"));

        assertThat(config.messages().direct()).isFalse();
        assertThat(config.messages().confirmWithin()).isEqualTo(Duration.ofDays(30));
    }

    @Test
    void tokenRulesAreConfigured() {
        var rules = EdgeConfig.from(Map.of("EDGE_JWT_SECRET", SECRET, "EDGE_JWT_ISSUER", "https://id.example/",
                "EDGE_JWT_AUDIENCE", "rejoin, other", "EDGE_JWT_REQUIRE_EXP", "off", "EDGE_JWT_USER_CLAIM",
                "preferred_username", "EDGE_JWT_TENANT_CLAIM", "https://example.com/tenant", "EDGE_JWT_ROOMS_CLAIM",
                "/realm_access/roles", "EDGE_JWT_DEFAULT_ROOMS", "lobby, team-*")).auth().rules();

        assertThat(rules).isEqualTo(new TokenRules("https://id.example/", Set.of("rejoin", "other"), false,
                new ClaimPath("preferred_username"), new ClaimPath("https://example.com/tenant"),
                new ClaimPath("/realm_access/roles"), new Grants(List.of("lobby", "team-*"))));
    }

    @Test
    void aTokenWithoutRoomsGrantsAllUnlessARoomsClaimIsSet() {
        assertThat(defaultRooms()).isEqualTo(Grants.ALL);
        assertThat(defaultRooms("EDGE_JWT_ROOMS_CLAIM", "scope")).isEqualTo(Grants.NONE);
        assertThat(defaultRooms("EDGE_JWT_ROOMS_CLAIM", "scope", "EDGE_JWT_DEFAULT_ROOMS", "*")).isEqualTo(Grants.ALL);
        assertThat(defaultRooms("EDGE_JWT_DEFAULT_ROOMS", "none")).isEqualTo(Grants.NONE);
    }

    private static Grants defaultRooms(String... more) {
        var env = new HashMap<>(Map.of("EDGE_JWT_SECRET", SECRET));
        for (var i = 0; i < more.length; i += 2) env.put(more[i], more[i + 1]);
        return EdgeConfig.from(env).auth().rules().defaultRooms();
    }

    @Test
    void secretsAreNotShown() {
        assertThat(EdgeConfig.from(Map.of("EDGE_JWT_SECRET", SECRET)).toString()).doesNotContain(SECRET);
    }

    @Test
    void theRouterSecretIsOptional() {
        assertThat(EdgeConfig.from(Map.of("EDGE_AUTH", "dev")).routers().secret()).isNull();
        assertThat(EdgeConfig.from(Map.of("EDGE_AUTH", "dev", "EDGE_ROUTER_SECRET", "a-secret-of-a-router")).routers()
                .secret()).isEqualTo("a-secret-of-a-router");
    }

    @ParameterizedTest
    @ValueSource(strings = {"too-short", "a secret with blanks", "a-secret-that-is-no-\u00e4scii"})
    void anInvalidRouterSecretIsNamedAndNotPrinted(String value) {
        assertThatThrownBy(() -> EdgeConfig.from(Map.of("EDGE_AUTH", "dev", "EDGE_ROUTER_SECRET", value)))
                .hasMessageContaining("EDGE_ROUTER_SECRET").message().doesNotContain(value);
    }

    @Test
    void exactlyOneWayToVerifyTokensMustBeSet() {
        assertThatThrownBy(() -> EdgeConfig.from(Map.of())).hasMessageContaining("EDGE_JWT_SECRET");
        assertThatThrownBy(() -> EdgeConfig.from(Map.of("EDGE_AUTH", "dev", "EDGE_JWKS", "keys.json")))
                .hasMessageContaining("now set: 2");
    }

    @Test
    void theSmallestOutboxHasRoomForTheLargestMessage() {
        var text = "\uD83D\uDE00".repeat(64 * 1024 / 4); // four bytes from the client, twelve in our frame
        var largest = new ServerFrame.Message("r".repeat(128), 1, 1, FrameId.text("i".repeat(FrameCodec.MAX_ID)),
                "u".repeat(128), Content.text(text), 1, true);

        assertThat(FrameCodec.encode(largest)).hasSizeBetween(3 * 64 * 1024, ConnectionConfig.MIN_OUTBOX_BYTES);
    }

    @Test
    void allErrorsAreNamedTogether() {
        var env = Map.of("EDGE_AUTH", "dev", "EDGE_HOST", "0.0.0.0", "EDGE_PORT", "http", "EDGE_DRAIN", "5");

        assertThatThrownBy(() -> EdgeConfig.from(env)).hasMessageContainingAll("EDGE_HOST", "EDGE_PORT", "EDGE_DRAIN");
    }

    @Test
    void anEmptyVariableIsUnset() {
        var config = EdgeConfig
                .from(Map.of("EDGE_AUTH", "dev", "EDGE_JWT_SECRET", "", "EDGE_PORT", " ", "EDGE_HOST", ""));

        assertThat(config.listen().host()).isEqualTo("127.0.0.1");
        assertThat(config.listen().port()).isEqualTo(8080);
    }

    @Test
    void metricsListenOnLoopbackByDefault() {
        var env = new HashMap<>(Map.of("EDGE_JWT_SECRET", SECRET));
        assertThat(EdgeConfig.from(env).metrics()).isEqualTo(new MetricsConfig("127.0.0.1", 9091, false));

        env.putAll(Map.of("EDGE_METRICS_HOST", "0.0.0.0", "EDGE_METRICS_PORT", "9091"));
        assertThat(EdgeConfig.from(env).metrics()).isEqualTo(new MetricsConfig("0.0.0.0", 9091, true));
    }

    @ParameterizedTest
    @CsvSource({"EDGE_METRICS_PORT, 65536", "EDGE_METRICS_HOST, 192.0.2.1", "EDGE_AUTH, none",
            "EDGE_JWT_REQUIRE_EXP, no", "EDGE_JWKS_TIMEOUT, 5", "EDGE_JWKS_MAX_BYTES, 1MB",
            "EDGE_JWKS, ftp://id.example/jwks",
            "EDGE_PORT, 65536", "EDGE_PORT, http", "EDGE_HEARTBEAT, 25",
            "EDGE_HEARTBEAT, PT0.01S",
            "EDGE_MAX_CONNECTIONS, 0", "EDGE_MAX_ROOMS_PER_CONNECTION, 0", "EDGE_OUTBOX_BYTES, 1000",
            "EDGE_NAME, a name", "EDGE_DIRECT, true", "EDGE_CONFIRM_WITHIN, PT0.5S",
            "EDGE_CONFIRM_WITHIN, PT721H", "EDGE_RATE_FRAMES, 0", "EDGE_RATE_BYTES, 1000", "EDGE_DRAIN, 5",
            "EDGE_DRAIN_DELAY, PT-1S", "EDGE_DRAIN, PT-1S", "EDGE_DRAIN, PT2H",
            "EDGE_HISTORY_URL, 127.0.0.1:8090", "EDGE_HISTORY_URL, ftp://here",
            "EDGE_HISTORY_URL, http://no url", "EDGE_JWT_AUDIENCE, ','", "EDGE_JWT_AUDIENCE, ' , ,'",
            "EDGE_JWT_DEFAULT_ROOMS, ','", "EDGE_ALLOWED_ORIGINS, ','"})
    void anErrorNamesItsVariableAndValue(String name, String value) {
        var env = new HashMap<>(Map.of("EDGE_JWT_SECRET", SECRET));
        env.put(name, value);

        assertThatThrownBy(() -> EdgeConfig.from(env)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name).hasMessageContaining(value);
    }

    @Test
    void secretsInUrlsAreNeverPrinted() {
        var env = Map.of("EDGE_JWKS", "https://idp.example/keys?client_secret=s3cret",
                "EDGE_HISTORY_SECRET",
                "a-s3cret-of-history", "EDGE_ROUTER_SECRET", "a-s3cret-of-a-router");
        assertThat(EdgeConfig.from(env).toString()).doesNotContain("s3cret").contains("idp.example");
        assertThatThrownBy(() -> EdgeConfig
                .from(Map.of("EDGE_JWT_SECRET", SECRET, "EDGE_HISTORY_URL", "http://user:s3cret@history:8090")))
                .hasMessageContaining("EDGE_HISTORY_URL").message().doesNotContain("s3cret");
    }
}
