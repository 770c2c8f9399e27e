package io.rejoin.edge.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AccessTest {
    @Test
    void grantsAreNamesOrBeginnings() {
        var grants = new Grants(List.of("lobby", "team-*"));

        assertThat(List.of("lobby", "team-", "team-a")).allMatch(grants::permits);
        assertThat(List.of("lobby2", "Lobby", "team", "")).noneMatch(grants::permits);
        assertThat(Grants.ALL.permits("anything")).isTrue();
        assertThat(new Grants(List.of()).permits("lobby")).isFalse();
    }

    @Test
    void originsAreComparedWhole() {
        var policy = OriginPolicy.parse(" https://app.example , https://other.example:8443,");

        assertThat(policy.permits("https://app.example")).isTrue();
        assertThat(policy.permits("https://other.example:8443")).isTrue();
        assertThat(policy.permits(null)).isTrue(); // no browser
        assertThat(List.of("https://app.example.evil", "http://app.example", "https://other.example", "null",
                "http://localhost", "")).noneMatch(policy::permits);
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
    void inDevelopmentEverybodyIsWhomTheySayOrAGuest() throws Exception {
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
