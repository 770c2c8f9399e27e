package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.log.Command;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameHandlerTest {
    private final Fixture fixture = new Fixture();
    private final FakeSocket socket = new FakeSocket();
    private final Session session = fixture.session(socket);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aPostGoesToTheOnlyRoomJoinedUnlessItNamesOne() {
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        handle("{\"event\":\"message\",\"id\":\"m1\",\"text\":\"hi\"}");
        await().atMost(Duration.ofSeconds(40)).until(() -> fixture.producer.log().size() == 2);

        var post = (Command.Post) fixture.producer.log().getLast();
        assertThat(post.room()).isEqualTo(Fixture.LOBBY);
        assertThat(post.id()).isEqualTo("m1");
        assertThat(post.content().text()).isEqualTo("hi");
        assertThat(post.connection()).isEqualTo(session.id());
    }

    @Test
    void aPostWithoutARoomIsRefusedWithNoneOrSeveralJoined() {
        handle("{\"event\":\"message\",\"id\":\"m1\",\"text\":\"hi\"}");
        assertThat(socket.error()).isEqualTo("not_joined");
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        handle("{\"event\":\"join\",\"room\":\"team-a\"}");
        handle("{\"event\":\"message\",\"id\":\"m2\",\"text\":\"hi\"}");

        assertThat(socket.of("error").getLast().get("message").textValue()).contains("2 rooms");
        assertThat(socket.of("error").getLast().get("id").textValue()).isEqualTo("m2");
    }

    @Test
    void framesForForbiddenUnjoinedInvalidOrTooManyRoomsAreRefused() {
        handle("{\"event\":\"join\",\"room\":\"secret\"}");
        assertThat(socket.error()).isEqualTo("forbidden");
        handle("{\"event\":\"message\",\"room\":\"team-a\",\"text\":\"hi\"}");
        assertThat(socket.error()).isEqualTo("not_joined");
        handle("{\"event\":\"presence\",\"room\":\"team-a\"}");
        assertThat(socket.error()).isEqualTo("not_joined");
        handle("{\"event\":\"join\",\"room\":\"\"}");
        assertThat(socket.error()).isEqualTo("invalid_room");
        handle("{\"event\":\"leave\",\"room\":\"a\\u0000\"}");
        assertThat(socket.error()).isEqualTo("invalid_room");
        handle("{\"event\":\"join\",\"room\":\"lob\\u200bby\"}");
        assertThat(socket.error()).isEqualTo("invalid_room");
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        handle("{\"event\":\"join\",\"room\":\"team-a\"}");
        handle("{\"event\":\"join\",\"room\":\"lobby\"}"); // joined already: does not count as another room
        handle("{\"event\":\"join\",\"room\":\"team-b\"}");

        assertThat(socket.error()).isEqualTo("too_many_rooms");
        assertThat(socket.of("error")).hasSize(7);
    }

    @Test
    void anInvalidFrameIsAnsweredAndTheConnectionStaysOpen() {
        handle("{");
        assertThat(socket.error()).isEqualTo("invalid_frame");
        handle("{\"event\":\"dance\",\"id\":\"d1\"}");
        assertThat(socket.error()).isEqualTo("unknown_event");
        assertThat(socket.of("error").getLast().get("id").textValue()).isEqualTo("d1");
        handle("{\"event\":\"ping\"}");
        handle("{\"event\":\"ping\",\"ts\":5}");

        assertThat(socket.of("pong")).extracting(pong -> pong.get("ts").longValue()).containsExactly(1_000_000L, 5L);
        assertThat(socket.isOpen()).isTrue();
    }

    @Test
    void aPostWithAnUnknownOutcomeGetsATimeoutError() {
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        await().atMost(Duration.ofSeconds(40)).until(() -> fixture.producer.log().size() == 1);
        fixture.producer.failuresInTen(10);
        handle("{\"event\":\"message\",\"id\":\"m1\",\"text\":\"hi\"}");
        await().atMost(Duration.ofSeconds(40)).until(() -> socket.error() != null);

        var error = socket.of("error").getFirst();
        assertThat(error.get("code").textValue()).isEqualTo("timeout");
        assertThat(error.get("id").textValue()).isEqualTo("m1");
        assertThat(error.get("retry_after_ms").longValue()).isPositive();
    }

    @Test
    void aPostThatCannotBeQueuedIsRefusedAtOnce() {
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        fixture.close();
        handle("{\"event\":\"message\",\"id\":\"m1\",\"text\":\"hi\"}");

        assertThat(socket.error()).isEqualTo("overloaded");
    }

    private void handle(String text) {
        fixture.frames.handle(session, text);
    }
}
