package io.rejoin.edge.session;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.auth.Grants;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Tests direct messages, acknowledgements, and who may use a personal room. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class DirectMessagesTest {
    private static final RoomId PERSONAL_ROOM_OF_ANN = RoomId.personal(new UserId("default", "ann"));
    private static final RoomId PERSONAL_ROOM_OF_BEN = RoomId.personal(new UserId("default", "ben"));
    private static final long WITHIN = Fixture.CONFIRM_WITHIN.toMillis();

    private final Fixture fixture = new Fixture();
    private final FakeSocket socket = new FakeSocket();
    private final Session session = fixture.session(socket, new Grants(List.of("lobby", "team-*", "@b*")), null);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aDirectMessageGoesToThePersonalRoomOfItsUserAndHasToBeConfirmed() {
        handle("{\"event\":\"message\",\"to\":\"ben\",\"id\":\"m1\",\"text\":\"hi\"}");
        handle("{\"event\":\"message\",\"room\":\"@ben\",\"id\":\"m2\",\"text\":\"hi\"}");
        handle("{\"event\":\"message\",\"to\":\"ann\",\"id\":\"m3\",\"text\":\"note to self\"}");
        awaitCommands(3);

        assertThat(posts()).extracting(Command.Post::room).containsExactly(PERSONAL_ROOM_OF_BEN, PERSONAL_ROOM_OF_BEN,
                PERSONAL_ROOM_OF_ANN);
        assertThat(posts()).extracting(Command.Post::confirmWithinMs).containsOnly(WITHIN);
    }

    @Test
    void aRoomMessageIsConfirmedOnRequest() {
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        handle("{\"event\":\"message\",\"text\":\"a\",\"confirm\":true}");
        handle("{\"event\":\"message\",\"text\":\"b\",\"confirm\":false}");
        awaitCommands(3);

        assertThat(posts()).extracting(Command.Post::confirmWithinMs).containsExactly(WITHIN, null);
    }

    @Test
    void aForbiddenOrInvalidRecipientIsRefused() {
        handle("{\"event\":\"message\",\"to\":\"carl\",\"id\":\"m1\",\"text\":\"hi\"}");
        assertThat(socket.error()).isEqualTo("forbidden");
        assertThat(socket.of("error").getLast().get("id").textValue()).isEqualTo("m1");
        handle("{\"event\":\"message\",\"room\":\"@carl\",\"text\":\"hi\"}");
        assertThat(socket.error()).isEqualTo("forbidden");
        handle("{\"event\":\"message\",\"to\":\"\",\"text\":\"hi\"}");
        assertThat(socket.error()).isEqualTo("invalid_user");
        handle("{\"event\":\"message\",\"to\":\"a\\u0001\",\"text\":\"hi\"}");
        assertThat(socket.error()).isEqualTo("invalid_user");

        assertThat(socket.of("error")).hasSize(4);
        assertThat(fixture.producer.log()).isEmpty();
    }

    @Test
    void acknowledgementsAreAppendedToTheLog() {
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        handle("{\"event\":\"ack\",\"seq\":7,\"epoch\":3}");
        handle("{\"event\":\"ack\",\"room\":\"lobby\",\"seq\":8}");
        awaitCommands(3);

        assertThat(fixture.producer.log().subList(1, 3)).containsExactly(
                new Command.Acknowledge(Fixture.LOBBY, session.user(), session.id(), fixture.identity.current(), 3L, 7),
                new Command.Acknowledge(Fixture.LOBBY, session.user(), session.id(), fixture.identity.current(), null,
                        8));
        assertThat(socket.sent()).isEmpty();
    }

    @Test
    void anAcknowledgementWithAnIdIsAnsweredWithTheCursor() {
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        handle("{\"event\":\"ack\",\"seq\":1e2,\"id\":8}");
        handle("{\"event\":\"ack\",\"seq\":8,\"epoch\":3,\"id\":\"9\"}");
        awaitCommands(3);
        assertThat(socket.sent()).isEmpty();

        for (var command : fixture.producer.log().subList(1, 3)) {
            var ack = (Command.Acknowledge) command;
            var answer = new Delivery.Acknowledged(ack.room(), session.id(), requireNonNull(ack.request()), 7, 5);
            session.answerAck(answer);
            session.answerAck(answer); // a router may send the answer twice
        }

        assertThat(socket.sent()).map(JsonNode::toString).containsExactly(
                "{\"event\":\"cursor\",\"room\":\"lobby\",\"seq\":5,\"epoch\":7,\"id\":8}",
                "{\"event\":\"cursor\",\"room\":\"lobby\",\"seq\":5,\"epoch\":7,\"id\":\"9\"}");
    }

    @Test
    void anAcknowledgementOfAnEarlierIncarnationFailsOnce() {
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        handle("{\"event\":\"ack\",\"seq\":1,\"id\":8}");
        awaitCommands(2);
        fixture.sessions.rejoinAll(); // the answer goes to the old incarnation
        session.failOverdue(Long.MAX_VALUE);

        assertThat(socket.of("error")).extracting(error -> error.get("id").toString()).containsExactly("8");
        assertThat(socket.error()).isEqualTo("unavailable");
    }

    @Test
    void onlyMembersCanAcknowledge() {
        handle("{\"event\":\"ack\",\"seq\":7,\"id\":\"a1\"}");
        assertThat(socket.error()).isEqualTo("not_joined");
        handle("{\"event\":\"ack\",\"room\":\"lobby\",\"seq\":7,\"id\":\"a2\"}");
        assertThat(socket.error()).isEqualTo("not_joined");

        assertThat(socket.of("error")).extracting(error -> error.get("id").textValue()).containsExactly("a1", "a2");
    }

    @Test
    void aFailedAcknowledgementCanBeRepeated() {
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        awaitCommands(1);
        fixture.producer.failuresInTen(10);
        handle("{\"event\":\"ack\",\"seq\":7,\"id\":\"a1\"}");
        await().atMost(Duration.ofSeconds(40)).until(() -> socket.error() != null);
        assertThat(socket.error()).isEqualTo("timeout");
        fixture.close();
        handle("{\"event\":\"ack\",\"seq\":7,\"id\":\"a2\"}");

        assertThat(socket.error()).isEqualTo("overloaded");
        assertThat(socket.of("error").getLast().get("retry_after_ms").longValue()).isPositive();
    }

    @Test
    void onlyItsUserCanUseAPersonalRoom() {
        handle("{\"event\":\"join\",\"room\":\"@ben\"}");
        assertThat(socket.error()).isEqualTo("forbidden");
        handle("{\"event\":\"presence\",\"room\":\"@ben\"}");
        assertThat(socket.error()).isEqualTo("forbidden");
        handle("{\"event\":\"ack\",\"room\":\"@ben\",\"seq\":1}");
        assertThat(socket.error()).isEqualTo("forbidden");
        handle("{\"event\":\"join\",\"room\":\"@ann\"}"); // needs no grant

        assertThat(socket.of("error")).hasSize(3);
        assertThat(session.membership(PERSONAL_ROOM_OF_ANN)).isNotNull();
    }

    @Test
    void thePersonalRoomIsNotCountedAsARoom() {
        fixture.memberships.joinPersonal(session);
        handle("{\"event\":\"message\",\"text\":\"hi\"}");
        assertThat(socket.error()).isEqualTo("not_joined");
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        handle("{\"event\":\"message\",\"text\":\"hi\"}"); // goes to lobby: the personal room does not count
        handle("{\"event\":\"join\",\"room\":\"team-a\"}");
        handle("{\"event\":\"join\",\"room\":\"@ann\"}");

        assertThat(socket.of("error")).hasSize(1);
        assertThat(session.memberships()).hasSize(Fixture.MAX_ROOMS + 1);
    }

    @Test
    void anExplicitJoinReplacesTheSilentOne() {
        fixture.memberships.joinPersonal(session);
        var silent = session.membership(PERSONAL_ROOM_OF_ANN);
        handle("{\"event\":\"join\",\"room\":\"@ann\",\"after\":3}");
        awaitCommands(2);

        assertThat(session.membership(PERSONAL_ROOM_OF_ANN)).isNotNull().isNotSameAs(silent);
        assertThat(session.memberships()).hasSize(1);
    }

    @Test
    void theSilentJoinIsRetriedAndEndsWithTheSession() {
        fixture.producer.failuresInTen(8);
        fixture.memberships.joinPersonal(session);
        await().atMost(Duration.ofSeconds(60)).until(() -> fixture.memberships.pendingCommands() == 0);
        assertThat(fixture.isMember(PERSONAL_ROOM_OF_ANN)).isTrue();
        fixture.sessions.end(session, false);
        await().atMost(Duration.ofSeconds(60)).until(() -> fixture.memberships.pendingCommands() == 0);

        assertThat(fixture.isMember(PERSONAL_ROOM_OF_ANN)).isFalse();
        assertThat(fixture.sessions.of(session.user())).isEmpty();
        assertThat(socket.sent()).isEmpty();
    }

    private List<Command.Post> posts() {
        return fixture.producer.log().stream().filter(command -> command instanceof Command.Post)
                .map(command -> (Command.Post) command).toList();
    }

    private void awaitCommands(int count) {
        await().atMost(Duration.ofSeconds(40)).until(() -> fixture.producer.log().size() == count);
    }

    private void handle(String text) {
        fixture.frames.handle(session, text);
    }
}
