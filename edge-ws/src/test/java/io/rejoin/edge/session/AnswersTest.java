package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.auth.Grants;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that each frame with an id is answered once, under that id. Also tests that a name means the same room in every
 * frame.
 */
class AnswersTest {
    private static final RoomId PERSONAL_ROOM_OF_ANN = RoomId.personal(new UserId("default", "ann"));
    private static final RoomId PERSONAL_ROOM_OF_ME = RoomId.personal(new UserId("default", "me"));

    private final Fixture fixture = new Fixture();
    private final FakeSocket socket = new FakeSocket();
    private final Session session = fixture.session(socket, Grants.ALL, null);

    @AfterEach
    void close() {
        fixture.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"j1\"", "7", "7.50", "-1250", "true", "\"\\u00fc\""})
    void aJoinFollowedByALeaveIsAnswered(String id) {
        handle("{\"event\":\"join\",\"room\":\"lobby\",\"id\":" + id + "}");
        handle("{\"event\":\"leave\",\"room\":\"lobby\",\"id\":\"l1\"}");

        assertThat(answers()).containsExactly("error " + id.replace("\\u00fc", "\u00fc"), "leave_ack \"l1\"");
        assertThat(socket.error()).isEqualTo("not_joined");
    }

    @Test
    void aJoinReplacedByAJoinFromAnotherPositionIsAnswered() {
        handle("{\"event\":\"join\",\"room\":\"lobby\",\"id\":1}");
        handle("{\"event\":\"join\",\"room\":\"lobby\",\"id\":2}"); // the same join: one answer will serve both
        assertThat(socket.sent()).isEmpty();
        handle("{\"event\":\"join\",\"room\":\"lobby\",\"id\":3,\"after\":7}");

        assertThat(answers()).containsExactly("error 1", "error 2");
        assertThat(socket.error()).isEqualTo("not_joined");
    }

    @Test
    void tooManyRepeatedJoinsStartANewMembership() {
        for (var n = 0; n < 100; n++) handle("{\"event\":\"join\",\"room\":\"lobby\",\"id\":" + n + "}");
        handle("{\"event\":\"leave\",\"room\":\"lobby\"}");

        assertThat(socket.of("error")).extracting(error -> error.get("id").intValue()).doesNotHaveDuplicates()
                .hasSize(100);
    }

    @Test
    void aLeaveOfARoomThatIsNotJoinedIsAnsweredOnce() {
        handle("{\"event\":\"leave\",\"room\":\"lobby\",\"id\":false}");
        handle("{\"event\":\"leave\",\"room\":\"@\",\"id\":2}");
        handle("{\"event\":\"leave\",\"room\":null,\"id\":3}");

        assertThat(answers()).containsExactly("error false", "error 2", "error 3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"event\":\"message\",\"text\":\"hi\",\"id\":5}",
            "{\"event\":\"ack\",\"seq\":1,\"id\":5}",
            "{\"event\":\"presence\",\"id\":5}", "{\"event\":\"dance\",\"id\":5}", "{\"event\":\"ping\",\"id\":5}",
            "{\"event\":\"refresh\",\"token\":\"x\",\"id\":5}", "{\"event\":\"join\",\"room\":\"@ben\",\"id\":5}",
            "{\"event\":\"message\",\"to\":\"@ben\",\"text\":\"hi\",\"id\":5}", "{\"id\":5}", "{\"id\":5,"})
    void anImmediateAnswerHasTheIdOfItsFrame(String frame) {
        handle(frame);

        assertThat(socket.sent()).hasSize(1);
        assertThat(socket.sent().getFirst().get("id").toString()).isEqualTo("5");
    }

    @Test
    void aNumericPostIdDiffersFromAStringIdInTheLog() {
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        handle("{\"event\":\"message\",\"text\":\"hi\",\"id\":5}");
        handle("{\"event\":\"message\",\"text\":\"ho\",\"id\":\"5\"}");
        awaitCommands(3);

        assertThat(fixture.producer.log().stream().skip(1).map(command -> ((Command.Post) command).id()))
                .containsExactly("\t5", "5");
        assertThat(FrameId.ofLogged("\t5")).isEqualTo(new FrameId("5", false));
        assertThat(FrameId.ofLogged("5")).isEqualTo(FrameId.text("5"));
    }

    @Test
    void atMeIsTheUsersOwnRoom() {
        handle("{\"event\":\"join\",\"room\":\"@me\"}");
        handle("{\"event\":\"message\",\"room\":\"@me\",\"text\":\"a note\"}");
        handle("{\"event\":\"message\",\"to\":\"@me\",\"text\":\"a note\"}");
        handle("{\"event\":\"ack\",\"room\":\"@me\",\"seq\":1}");
        handle("{\"event\":\"presence\",\"room\":\"@me\"}");
        awaitCommands(5);
        assertThat(session.membership(PERSONAL_ROOM_OF_ANN)).isNotNull();
        handle("{\"event\":\"leave\",\"room\":\"@me\",\"id\":\"l1\"}");
        handle("{\"event\":\"ack\",\"room\":\"@me\",\"seq\":1,\"id\":\"a1\"}");

        assertThat(fixture.producer.log().stream().limit(5).map(command -> ((Command.OfRoom) command).room()))
                .containsOnly(PERSONAL_ROOM_OF_ANN);
        assertThat(socket.of("leave_ack").getLast().get("room").textValue()).isEqualTo("@ann");
        assertThat(socket.error()).isEqualTo("not_joined");
        assertThat(socket.of("error").getLast().get("room").textValue()).isEqualTo("@ann");
    }

    @Test
    void aUserCalledMeIsReachedByThatName() {
        handle("{\"event\":\"message\",\"to\":\"me\",\"text\":\"hi\"}");
        awaitCommands(1);

        assertThat(((Command.Post) fixture.producer.log().getFirst()).room()).isEqualTo(PERSONAL_ROOM_OF_ME);
    }

    @ParameterizedTest
    @CsvSource({"'\"to\":\"@gus\"', invalid_user, without", "'\"to\":\"@\"', invalid_user, without",
            "'\"to\":\"@@gus\"', invalid_user, without", "'\"room\":\"@\"', invalid_room, @me",
            "'\"room\":\"@ \"', invalid_room, @me", "'\"room\":\"@\\u2003\\t\"', invalid_room, @me"})
    void anInvalidNameWithAnAtSignIsRefusedWithAHint(String field, String code, String hint) {
        handle("{\"event\":\"message\",\"text\":\"hi\",\"id\":1," + field + "}");

        assertThat(socket.error()).isEqualTo(code);
        assertThat(socket.of("error").getLast().get("message").textValue()).contains(hint);
        assertThat(fixture.producer.log()).isEmpty();
    }

    @Test
    void aMessageWithAnEmptyRecipientOrRoomIsRefused() {
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        awaitCommands(1);
        for (var field : List.of("\"to\":null", "\"to\":\"\"", "\"to\":[]", "\"to\":0", "\"room\":null",
                "\"to\":null,\"room\":null", "\"room\":\"\"")) {
            handle("{\"event\":\"message\",\"text\":\"secret\",\"id\":1," + field + "}");
        }

        assertThat(answers()).hasSize(7).containsOnly("error 1");
        handle("{\"event\":\"message\",\"room\":\"lobby\",\"to\":null,\"text\":\"for all\",\"data\":null,\"id\":2}");
        awaitCommands(2);
        assertThat(((Command.Post) fixture.producer.log().getLast()).content().text()).isEqualTo("for all");
    }

    private List<String> answers() {
        return socket.sent().stream().map(AnswersTest::answer).toList();
    }

    private static String answer(JsonNode frame) {
        return frame.get("event").textValue() + " " + frame.get("id");
    }

    private void awaitCommands(int count) {
        await().atMost(Duration.ofSeconds(40)).until(() -> fixture.producer.log().size() >= count);
    }

    private void handle(String text) {
        fixture.frames.handle(session, text);
    }
}
