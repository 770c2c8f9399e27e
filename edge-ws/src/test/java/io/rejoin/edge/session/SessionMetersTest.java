package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests what a session counts when it answers its client. */
class SessionMetersTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final FrameId M1 = FrameId.text("m1");
    private static final ServerFrame.Ack ACK = new ServerFrame.Ack(M1, "lobby", 1, 1, null);

    private final Fixture fixture = new Fixture();
    private final Session session = fixture.session(new FakeSocket());

    @AfterEach
    void stop() {
        fixture.close();
    }

    @Test
    void anAckIsCountedWithTheTimeSinceItsPost() {
        session.posts().begin(LOBBY, M1, System.nanoTime() - TimeUnit.SECONDS.toNanos(3));
        session.answerPost(LOBBY, M1, ACK);

        var latency = fixture.registry.get("rejoin.edge.ack.latency").timer();
        assertThat(count("rejoin.edge.acks", "duplicate", "no")).isEqualTo(1);
        assertThat(count("rejoin.edge.acks", "duplicate", "yes")).isZero();
        assertThat(latency.count()).isEqualTo(1);
        assertThat(latency.totalTime(TimeUnit.SECONDS)).isBetween(3.0, 120.0);
    }

    @Test
    void anAckOfADuplicateIsCountedSeparately() {
        session.posts().begin(LOBBY, M1, System.nanoTime());
        session.answerPost(LOBBY, M1, new ServerFrame.Ack(M1, "lobby", 1, 1, true));

        assertThat(count("rejoin.edge.acks", "duplicate", "yes")).isEqualTo(1);
        assertThat(count("rejoin.edge.acks", "duplicate", "no")).isZero();
    }

    @Test
    void aLateAnswerIsCounted() {
        session.answerPost(LOBBY, M1, ACK);

        assertThat(fixture.registry.get("rejoin.edge.late.answers").counter().count()).isEqualTo(1);
        assertThat(count("rejoin.edge.acks", "duplicate", "no")).isZero();
    }

    @Test
    void errorsAndResumesAreCountedByCodeAndOutcome() {
        session.posts().begin(LOBBY, M1, System.nanoTime());
        session.failPost(LOBBY, M1, ErrorCode.TIMEOUT, "unknown");
        session.reply(new ServerFrame.Resync("lobby", 1, 2, ServerFrame.Outcome.PARTIAL));

        assertThat(count("rejoin.edge.errors", "code", "timeout")).isEqualTo(1);
        assertThat(count("rejoin.edge.errors", "code", "forbidden")).isZero();
        assertThat(count("rejoin.edge.resumes", "outcome", "partial")).isEqualTo(1);
        assertThat(fixture.registry.get("rejoin.edge.ack.latency").timer().count()).isZero();
    }

    private double count(String name, String label, String value) {
        Counter counter = fixture.registry.find(name).tag(label, value).counter();
        return Objects.requireNonNull(counter).count();
    }
}
