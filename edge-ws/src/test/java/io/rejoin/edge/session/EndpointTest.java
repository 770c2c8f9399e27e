package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.auth.DevVerifier;
import io.rejoin.edge.auth.OriginPolicy;
import io.rejoin.edge.websocket.UpgradeRequest;
import io.rejoin.edge.websocket.WebSocketListener;
import io.rejoin.listener.http.RequestRefused;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTest {
    private final Fixture fixture = new Fixture();
    private final Endpoint endpoint = fixture.endpoint(new DevVerifier(new Random(1)), OriginPolicy.parse("loopback"));

    @AfterEach
    void close() {
        fixture.close();
    }

    @ParameterizedTest
    @CsvSource({"/elsewhere, '', NOT_FOUND", "/ws, after=x&room=a, BAD_REQUEST", "/ws/a, last=-1, BAD_REQUEST",
            "/ws/a, last=1&after=1, BAD_REQUEST", "/ws/a, epoch=1.5, BAD_REQUEST", "/ws, room=%00, INVALID_ROOM",
            "/ws, room=a%E2%80%8B, INVALID_ROOM", "/ws/a%E2%80%AEb, '', INVALID_ROOM",
            "/ws/a%20, '', INVALID_ROOM", "/ws/%EF%BF%BF, '', INVALID_ROOM", "/ws, name=a%C2%AD, INVALID_USER",
            "/ws, direct=never, BAD_REQUEST", "/ws, presence=all, BAD_REQUEST", "/ws/a, room=b, INVALID_ROOM",
            "/ws, room=a&room=b, BAD_REQUEST",
            "/ws, name=a&name=b, BAD_REQUEST", "/ws, token=a&token=b, BAD_REQUEST", "/ws/@ben, name=ann, FORBIDDEN",
            "/ws/a, last=1&after=cursor, BAD_REQUEST", "/ws, name=%01, INVALID_USER"})
    void invalidRequestsAreRefusedWithHttpErrors(String path, String query, RefusalCode code) {
        assertThat(refusal(path, query, List.of())).isEqualTo(code);
        assertThat(checkResult(path, query)).isEqualTo(code);
    }

    @Test
    void aCheckUsesNoSlot() throws RequestRefused {
        for (var n = 0; n < 3 * Fixture.MAX_CONNECTIONS; n++) assertThat(checkResult("/ws/a", "name=ann")).isNull();
        for (var n = 0; n < Fixture.MAX_CONNECTIONS; n++) accept("/ws", "");

        assertThat(checkResult("/ws", "")).isEqualTo(RefusalCode.FULL);
        assertThat(fixture.sessions.count()).isZero();
    }

    @Test
    void aPageOfAnotherOriginIsRefused() {
        assertThat(refusal("/ws", "", List.of("https://evil.example"))).isEqualTo(RefusalCode.ORIGIN_NOT_ALLOWED);
    }

    @Test
    void aFullEdgeRefusesUntilASlotIsReleased() throws RequestRefused {
        var listeners = List.of(accept("/ws", ""), accept("/", ""), accept("/ws/", ""));
        assertThat(refusal("/ws", "", List.of())).isEqualTo(RefusalCode.FULL);
        listeners.getFirst().onClosed(true); // the connection never opened

        assertThat(accept("/ws", "")).isNotNull();
    }

    @Test
    void connectionsPerUserAreLimitedAndEachGuestIsAnotherUser() throws RequestRefused {
        var first = accept("/ws", "name=ann");
        accept("/ws", "name=ann");
        assertThat(refusal("/ws", "name=ann", List.of())).isEqualTo(RefusalCode.TOO_MANY_CONNECTIONS);
        assertThat(checkResult("/ws", "name=ann")).isEqualTo(RefusalCode.TOO_MANY_CONNECTIONS);
        assertThat(checkResult("/ws", "name=ben")).isNull();
        assertThat(checkResult("/ws", "")).isNull();
        first.onClosed(true);

        assertThat(accept("/ws", "name=ann")).isNotNull();
    }

    @Test
    void aConnectionIsWelcomedUnderItsName() throws RequestRefused {
        var socket = new FakeSocket();
        accept("/ws", "name=ann").onOpen(socket);

        var welcome = socket.of("welcome").getFirst();
        assertThat(welcome.get("user").textValue()).isEqualTo("ann");
        assertThat(welcome.get("heartbeat_ms").longValue()).isEqualTo(25_000);
        assertThat(fixture.sessions.count()).isEqualTo(1);
    }

    @Test
    void namesInTheUrlAreNormalized() throws RequestRefused {
        var socket = new FakeSocket();
        accept("/ws/cafe%CC%81", "name=Rene%CC%81&direct=off").onOpen(socket);

        assertThat(socket.of("welcome").getFirst().get("user").textValue()).isEqualTo("Ren\u00E9");
        await().atMost(Duration.ofSeconds(40)).until(() -> fixture.producer.log().size() == 1);
        assertThat(((Command.Join) fixture.producer.log().getFirst()).room().name()).isEqualTo("caf\u00E9");
    }

    @Test
    void namedUsersJoinTheirPersonalRoomAndGuestsDoNot() throws RequestRefused {
        for (var query : List.of("", "name=ben&direct=off", "name=ann")) {
            accept("/ws", query).onOpen(new FakeSocket());
        }
        await().atMost(Duration.ofSeconds(40)).until(() -> fixture.memberships.pendingCommands() == 0);

        assertThat(fixture.producer.log()).map(command -> ((Command.Join) command).room().key())
                .containsExactly("default/@ann");
    }

    @Test
    void aUrlMayNameARoomAndAPosition() throws RequestRefused {
        assertThat(autoJoin("/ws/a/b", "after=7&epoch=3")).isEqualTo("a/b Seq[seq=7] 3");
        assertThat(autoJoin("/", "room=lobby&last=5000")).isEqualTo("lobby Last[count=1000] null");
        assertThat(autoJoin("/ws/x", "room=x")).isEqualTo("x null null");
        assertThat(autoJoin("/ws/x/", "room=x&room=x")).isEqualTo("x null null");
        assertThat(autoJoin("/ws", "room=a+b%2Bc%20d")).isEqualTo("a b+c d null null");
        assertThat(autoJoin("/ws/a+b", "")).isEqualTo("a+b null null");
        assertThat(autoJoin("/ws/x", "after=cursor")).isEqualTo("x Cursor[] null");
        assertThat(ConnectionOptions.of(new UpgradeRequest("/ws", "", _ -> List.of())).join()).isNull();
    }

    @Test
    void aClientAcceptedDuringADrainIsClosed() throws Exception {
        var before = new FakeSocket();
        accept("/ws", "").onOpen(before);
        var between = accept("/ws", "");
        fixture.drain.run();
        var late = new FakeSocket();
        between.onOpen(late);

        await().atMost(Duration.ofSeconds(60)).until(() -> before.closed() != null && late.closed() != null);
        assertThat(before.closed()).isEqualTo(1012);
        assertThat(before.sent().getLast().get("event").textValue()).isEqualTo("reconnect");
        assertThat(late.closed()).isEqualTo(1012);
        assertThat(refusal("/ws", "", List.of())).isEqualTo(RefusalCode.DRAINING);
        assertThat(checkResult("/ws", "")).isEqualTo(RefusalCode.DRAINING);
    }

    @Test
    void binaryMessagesCloseTheConnection() throws RequestRefused {
        var socket = new FakeSocket();
        var listener = accept("/ws", "");
        listener.onOpen(socket);
        listener.onBinary(new byte[1]);

        assertThat(socket.closed()).isEqualTo(1003);
    }

    private static String autoJoin(String path, String query) throws RequestRefused {
        var join = Objects.requireNonNull(ConnectionOptions.of(new UpgradeRequest(path, query, _ -> List.of())).join());
        return join.room() + " " + join.after() + " " + join.epoch();
    }

    private WebSocketListener accept(String path, String query) throws RequestRefused {
        return endpoint.accept(new UpgradeRequest(path, query, _ -> List.of()));
    }

    /** The refusal that {@code check} gives; null if the request would be accepted. */
    private @Nullable RefusalCode checkResult(String path, String query) {
        try {
            endpoint.check(new UpgradeRequest(path, query, _ -> List.of()));
            return null;
        } catch (RequestRefused refusal) {
            return refusal.code();
        }
    }

    private RefusalCode refusal(String path, String query, List<String> origin) {
        return catchThrowableOfType(RequestRefused.class, () -> endpoint.accept(
                new UpgradeRequest(path, query, name -> name.equals("Origin") ? origin : List.of()))).code();
    }
}
