package io.rejoin.edge.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.edge.config.EdgeConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
    @Test
    void grantsAreNamesOrPrefixes() {
        var grants = new Grants(List.of("lobby", "team-*"));

        assertThat(List.of("lobby", "team-", "team-a")).allMatch(grants::permits);
        assertThat(List.of("lobby2", "Lobby", "team", "")).noneMatch(grants::permits);
        assertThat(Grants.ALL.permits("anything")).isTrue();
        assertThat(new Grants(List.of()).permits("lobby")).isFalse();
        assertThat(new Grants(List.of("cafe\u0301-*")).permits("caf\u00E9-1")).isTrue(); // like room names
    }

    @Test
    void originsMustMatchExactly() {
        var policy = OriginPolicy.parse(" https://app.example , https://other.example:8443,");

        assertThat(policy.permits("https://app.example")).isTrue();
        assertThat(policy.permits("https://other.example:8443")).isTrue();
        assertThat(policy.permits(null)).isTrue(); // not a browser
        assertThat(List.of("https://app.example.evil", "http://app.example", "https://other.example", "null",
                "http://localhost", "")).noneMatch(policy::permits);
    }

    @ParameterizedTest
    @CsvSource({"https://App.Example, https://app.example", "HTTPS://app.example:443, https://app.example",
            "https://app.example/, https://app.example", "http://app.example:80, http://app.example",
            "https://bücher.example, https://xn--bcher-kva.example",
            "https://xn--bcher-kva.example, https://bücher.example",
            "https://my_app.example:8443, https://my_app.example:8443", "http://[0:0::1]:3000, http://[::1]:3000",
            "https://*.example.com, https://a.example.com", "https://*.example.com, https://a.b.example.com",
            "https://*.EXAMPLE.com:443/, https://a.example.com", "http://*.localhost:3000, http://a.localhost:3000",
            "https://*.bücher.example, https://a.xn--bcher-kva.example", "capacitor://localhost, capacitor://localhost",
            "chrome-extension://abcdefgh, chrome-extension://abcdefgh", "null, null", "file://, file://",
            "http://192.168.1.10:8080, http://192.168.1.10:8080", "'https://a.example, *', https://other.example"})
    void anOriginMatchesInAnySpelling(String allowed, String page) {
        assertThat(OriginPolicy.parse(allowed).permits(page)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"https://*.example.com, https://example.com", "https://*.example.com, http://a.example.com",
            "https://*.example.com, https://a.example.com:8443", "https://*.example.com, https://badexample.com",
            "https://*.example.com, https://a.example.com.evil", "https://*.example.com, https://evil/.example.com",
            "https://*.example.com, https://evil?.example.com", "https://*.example.com, https://evil@a.example.com",
            "https://*.example.com, 'https://a.example.com https://evil'", "https://app.example, https://app.example.",
            "https://app.example, null", "https://app.example, file://", "null, file://", "https://app.example, ''",
            "https://app.example, https://app.example:8443", "https://app.example, app.example"})
    void anotherOriginIsRefused(String allowed, String page) {
        assertThat(OriginPolicy.parse(allowed).permits(page)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"app.example", "*.example.com", "*.com", "https://*", "https://*.com",
            "https://app-*.example.com",
            "https://*.*.example.com", "https://a.*.com", "http://localhost:*", "https://app.example/path",
            "https://app.example?x",
            "https://app.example/#", "https://u:p@app.example", "wss://app.example", "ws://app.example",
            "https:/app.example",
            "https//app.example", "//app.example", "https://", "https://app.example:0", "https://app.example:70000",
            "https://app..example", "https://-app.example", "https://127.1", "https://256.1.1.1", "https://*.127.0.0.1",
            "http://[::1", "http://[zz]", "https://app example", "https://fa\u00DF.example", "loop back",
            "https://app.example;https://b.example"})
    void anImpossibleOriginIsAConfigurationError(String text) {
        assertThatThrownBy(() -> OriginPolicy.parse("https://ok.example, " + text))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(text);
        assertThatThrownBy(() -> EdgeConfig.from(Map.of("EDGE_AUTH", "dev", "EDGE_ALLOWED_ORIGINS", text)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("EDGE_ALLOWED_ORIGINS");
    }

    @Test
    void anEmptyListOfOriginsIsAConfigurationError() {
        assertThatThrownBy(() -> OriginPolicy.parse(" , ")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void loopbackIsThisMachineAtAnyPortOrAFile() {
        var policy = OriginPolicy.parse("loopback");

        assertThat(List.of("http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:1", "file://", "null"))
                .allMatch(policy::permits);
        assertThat(List.of("http://localhost.evil", "http://127.0.0.1.evil", "https://app.example", "no origin at all"))
                .noneMatch(policy::permits);
        assertThat(OriginPolicy.parse("*").permits("https://any.example")).isTrue();
    }

    @Test
    void theDevVerifierAcceptsAnyNameAndNamesGuests() throws Exception {
        var verifier = new DevVerifier(new Random(1));

        assertThat(verifier.verify(null, "ann").user().name()).isEqualTo("ann");
        assertThat(verifier.verify("any", null).user().name()).startsWith("guest-");
        assertThat(verifier.verify("any", " ").user().name()).startsWith("guest-");
        assertThatThrownBy(() -> verifier.verify(null, "x".repeat(1_000))).isInstanceOf(InvalidTokenException.class);
    }

    @Test
    void aGuestKeepsItsNameAndStaysAGuest() throws Exception {
        var verifier = new DevVerifier(new Random(1));
        var guest = verifier.verify(null, null);

        assertThat(guest.guest()).isTrue();
        assertThat(verifier.verify(null, guest.user().name())).isEqualTo(guest);
        assertThat(List.of("ann", "guest-1234", "guest-", "guest-ABCDEFGH", "my guest-12345678"))
                .allMatch(name -> !isGuest(verifier, name));
    }

    @Test
    void guestsHardlyEverDrawTheSameName() throws Exception {
        var verifier = new DevVerifier(new Random(1));
        var names = new HashSet<String>();
        for (var i = 0; i < 10_000; i++) names.add(verifier.verify(null, null).user().name());

        assertThat(names).hasSize(10_000);
    }

    private static boolean isGuest(TokenVerifier verifier, String name) {
        try {
            return verifier.verify(null, name).guest();
        } catch (InvalidTokenException e) {
            throw new IllegalStateException(e);
        }
    }
}
