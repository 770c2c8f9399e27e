package io.rejoin.edge.session;

import static io.rejoin.edge.session.Fixture.LOBBY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.edge.auth.Grants;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that a post with an id is answered once, whatever happens to its append and to the answer. */
class OpenPostsTest {
    private static final FrameId ID = new FrameId("5", false);

    private final Fixture fixture = new Fixture();
    private final FakeSocket socket = new FakeSocket();
    private final Session session = fixture.session(socket, Grants.ALL, null);

    @BeforeEach
    void join() {
        handle("{\"event\":\"join\",\"room\":\"lobby\"}");
        awaitCommands(1);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aPostReportedAsUnknownIsNotAnsweredAgain() {
        postWithUnknownOutcome();
        acked(1);
        acked(1);

        assertThat(answers()).containsExactly("error");
    }

    @Test
    void aPostSentAgainIsAnsweredByTheFirstAck() {
        postWithUnknownOutcome();
        fixture.producer.failuresInTen(0);
        post();
        acked(1); // the first one was appended after all
        acked(1); // the second answer, for the second post

        assertThat(answers()).containsExactly("error", "ack");
    }

    @Test
    void aRepetitionOfAnAnswerIsDropped() {
        post();
        acked(7);
        acked(7);
        refused();

        assertThat(answers()).containsExactly("ack");
    }

    @Test
    void eachFrameWithTheSameIdGetsAnAnswer() {
        for (var n = 0; n < 3; n++) post();
        acked(1);
        acked(1);
        refused();
        acked(1);

        assertThat(answers()).containsExactly("ack", "ack", "error");
    }

    @Test
    void anErrorForAnotherFrameWithThatIdIsNoAnswerToThePost() {
        post();
        handle("{\"event\":\"ack\",\"room\":\"lobby\",\"seq\":-1,\"id\":5}");
        handle("{\"event\":\"leave\",\"room\":\"hall\",\"id\":5}");
        acked(1);

        assertThat(answers()).containsExactly("error", "error", "ack");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 300})
    void aPostWithoutAnAnswerTimesOut(int frames) {
        for (var n = 0; n < frames; n++) post();
        var now = System.nanoTime();
        session.failOverdue(now);
        assertThat(answers()).isEmpty();
        session.failOverdue(now + OpenPosts.ANSWER_TIMEOUT_NANOS + 1);
        session.failOverdue(now + OpenPosts.ANSWER_TIMEOUT_NANOS + 1);
        acked(1);

        assertThat(answers()).hasSize(frames).containsOnly("error");
        assertThat(socket.error()).isEqualTo("timeout");
        assertThat(socket.of("error").getLast().get("id").intValue()).isEqualTo(5);
        assertThat(socket.of("error").getLast().get("message").textValue()).contains("under the same id");
    }

    @Test
    void tooManyOpenPostsAreRefused() {
        var posts = session.posts();
        for (var n = 0; n < OpenPosts.MAX; n++) posts.begin(LOBBY, FrameId.text("m" + n), 0);
        post();
        assertThat(socket.error()).isEqualTo("overloaded");
        posts.answer(LOBBY, FrameId.text("m17"), () -> {});
        post();

        assertThat(answers()).containsExactly("error");
        awaitCommands(2);
    }

    @Test
    void aRefusedPostWithoutAnIdIsAnsweredToo() {
        handle("{\"event\":\"message\",\"text\":\"hi\"}");
        session.answerPost(LOBBY, null,
                new ServerFrame.Failure(null, LOBBY.name(), ErrorCode.TOO_MANY_RECIPIENTS, "too many", null));

        assertThat(answers()).containsExactly("error");
    }

    private void postWithUnknownOutcome() {
        fixture.producer.failuresInTen(10);
        post();
        await().atMost(Duration.ofSeconds(40)).until(() -> "timeout".equals(socket.error()));
    }

    private void post() {
        handle("{\"event\":\"message\",\"text\":\"hi\",\"id\":5}");
    }

    private void acked(long seq) {
        session.answerPost(LOBBY, ID, new ServerFrame.Ack(ID, LOBBY.name(), seq, 1, null));
    }

    private void refused() {
        session.answerPost(LOBBY, ID,
                new ServerFrame.Failure(ID, LOBBY.name(), ErrorCode.ID_CONFLICT, "another message", null));
    }

    private List<String> answers() {
        return socket.sent().stream().map(frame -> frame.get("event").textValue()).toList();
    }

    private void awaitCommands(int count) {
        await().atMost(Duration.ofSeconds(40)).until(() -> fixture.producer.log().size() >= count);
    }

    private void handle(String text) {
        fixture.frames.handle(session, text);
    }
}
