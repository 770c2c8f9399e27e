package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.edge.auth.Grants;
import io.rejoin.edge.auth.Principal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenRefreshTest {
    private static final UserId ANN = new UserId("default", "ann");
    private final Fixture fixture = new Fixture();
    private final FakeSocket socket = new FakeSocket();
    private final Session session = fixture.session(socket, Grants.ALL, 2_000L);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aNewTokenExtendsTheConnection() {
        fixture.tokens.put("new", new Principal(ANN, Grants.ALL, 5_000L));
        refresh("new");

        assertThat(socket.of("refreshed").getLast().toString())
                .isEqualTo("{\"event\":\"refreshed\",\"id\":\"r\",\"expires\":5000}");
        assertThat(closedAt(2_500)).isNull();
        assertThat(closedAt(5_000)).isEqualTo(4401);
    }

    @Test
    void aTokenWithoutExpiryKeepsTheConnectionOpen() {
        fixture.tokens.put("new", new Principal(ANN, Grants.ALL, null));
        refresh("new");

        assertThat(socket.of("refreshed").getLast().has("expires")).isFalse();
        assertThat(closedAt(1_000_000)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"unknown, invalid_token", "ben's, invalid_token", "other tenant's, invalid_token", "'', invalid_token",
            "later, unavailable"})
    void aRefusedTokenLeavesTheOldOneInUse(String token, String code) {
        fixture.tokens.put("ben's", new Principal(new UserId("default", "ben"), Grants.ALL, 5_000L));
        fixture.tokens.put("other tenant's", new Principal(new UserId("acme", "ann"), Grants.ALL, 5_000L));
        refresh(token);

        assertThat(socket.error()).isEqualTo(code);
        assertThat(socket.of("error").getLast().get("id").textValue()).isEqualTo("r");
        assertThat(socket.of("error").getLast().has("retry_after_ms")).isEqualTo(code.equals("unavailable"));
        assertThat(closedAt(1_999)).isNull();
        assertThat(closedAt(2_000)).isEqualTo(4401);
    }

    @Test
    void roomsThatTheNewTokenDoesNotGrantAreLeft() {
        for (var room : List.of("lobby", "team-a", "@ann")) {
            fixture.frames.handle(session, "{\"event\":\"join\",\"room\":\"" + room + "\"}");
        }
        fixture.tokens.put("new", new Principal(ANN, new Grants(List.of("team-*")), null));
        refresh("new");

        assertThat(socket.of("refreshed")).hasSize(1);
        assertThat(socket.of("error").toString()).contains("\"room\":\"lobby\"", "\"forbidden\"")
                .doesNotContain("\"id\"");
        assertThat(session.memberships()).map(m -> m.room().name()).containsExactlyInAnyOrder("team-a", "@ann");
        await().atMost(Duration.ofSeconds(40)).until(() -> fixture.memberships.pendingCommands() == 0);
        assertThat(fixture.isMember(Fixture.LOBBY)).isFalse();
        assertThat(fixture.isMember(new RoomId("default", "team-a"))).isTrue();

        fixture.frames.handle(session, "{\"event\":\"join\",\"room\":\"lobby\",\"id\":\"again\"}");
        assertThat(socket.of("error").getLast().get("id").textValue()).isEqualTo("again");
    }

    private void refresh(String token) {
        fixture.frames.handle(session, "{\"event\":\"refresh\",\"token\":\"" + token + "\",\"id\":\"r\"}");
    }

    private @Nullable Integer closedAt(long time) {
        var clock = Clock.fixed(Instant.ofEpochMilli(time), ZoneOffset.UTC);
        new ClientHeartbeats(fixture.sessions, Duration.ofHours(1), fixture.newRooms, clock)
                .checkAll(System.nanoTime());
        return socket.closed();
    }
}
