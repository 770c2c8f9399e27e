package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.After;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.room.Membership;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MembershipsTest {
    private static final ClientFrame.Join JOIN = new ClientFrame.Join("lobby", FrameId.text("j1"), null, null);
    private static final ClientFrame.Leave LEAVE = new ClientFrame.Leave("lobby", FrameId.text("l1"));

    private final FakeSocket socket = new FakeSocket();

    @Test
    void anEndedSessionLeavesItsRoomsDespiteFailures() {
        try (var fixture = new Fixture(1, 6)) {
            var session = fixture.session(socket);
            fixture.memberships.join(session, JOIN);
            fixture.sessions.end(session, false);

            eventually(() -> assertThat(fixture.memberships.pendingCommands()).isZero());
            assertThat(fixture.isMember(Fixture.LOBBY)).isFalse();
            assertThat(fixture.sessions.count()).isZero();
        }
    }

    @Test
    void aBrokenConnectionLeavesAfterTheGracePeriod() {
        try (var fixture = new Fixture()) {
            var session = fixture.session(socket);
            fixture.memberships.join(session, JOIN);
            fixture.sessions.end(session, true);

            assertThat(fixture.sessions.count()).isZero();
            assertThat(fixture.memberships.brokenConnections()).isEqualTo(1);
            eventually(() -> assertThat(fixture.memberships.brokenConnections()).isZero());
            eventually(() -> assertThat(fixture.isMember(Fixture.LOBBY)).isFalse());
        }
    }

    @Test
    void aBrokenConnectionLeavesThePersonalRoomAtOnce() {
        try (var fixture = new Fixture()) {
            var session = fixture.session(socket);
            fixture.memberships.joinPersonal(session);
            fixture.sessions.end(session, true);

            assertThat(fixture.memberships.brokenConnections()).isZero();
            eventually(() -> assertThat(fixture.memberships.pendingCommands()).isZero());
            assertThat(fixture.isMember(RoomId.personal(session.user()))).isFalse();
        }
    }

    @Test
    void anEndingEdgeDoesNotWaitForGracePeriods() {
        try (var fixture = new Fixture(Duration.ofDays(1))) {
            var session = fixture.session(socket);
            fixture.memberships.join(session, JOIN);
            fixture.sessions.end(session, true);
            fixture.memberships.endGracePeriods();

            eventually(() -> assertThat(fixture.memberships.pendingCommands()).isZero());
            assertThat(fixture.isMember(Fixture.LOBBY)).isFalse();
        }
    }

    /** Only one thread reads a session's frames. New incarnations, failures and retries can come at any time. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void theLogEndsWithTheRightMembers(long seed) throws Exception {
        try (var fixture = new Fixture(seed, 3)) {
            var session = fixture.session(socket);
            var barrier = new CyclicBarrier(2);
            var incarnations = Thread.ofVirtual().start(() -> {
                meet(barrier);
                for (var n = 0; n < 200; n++) fixture.memberships.rejoinAll(session);
            });
            var random = new Random(seed);
            meet(barrier);
            for (var n = 0; n < 200; n++) {
                if (random.nextBoolean()) fixture.memberships.join(session, JOIN);
                else if (session.membership(Fixture.LOBBY) != null) fixture.memberships.leave(session, LEAVE);
            }
            incarnations.join();
            fixture.producer.failuresInTen(0);

            eventually(() -> assertThat(fixture.memberships.pendingCommands()).isZero());
            fixture.commands.close();
            assertThat(fixture.isMember(Fixture.LOBBY)).isEqualTo(session.membership(Fixture.LOBBY) != null);
        }
    }

    @Test
    void aJoinWithAnUnknownOutcomeIsCancelledWithAnError() {
        try (var fixture = new Fixture(1, 10)) {
            var session = fixture.session(socket);
            fixture.memberships.join(session, JOIN);

            eventually(() -> assertThat(socket.error()).isEqualTo("timeout"));
            assertThat(socket.of("error").getFirst().get("id").textValue()).isEqualTo("j1");
            assertThat(session.membership(Fixture.LOBBY)).isNull();
            fixture.producer.failuresInTen(0);
            eventually(() -> assertThat(fixture.memberships.pendingCommands()).isZero());
            assertThat(fixture.isMember(Fixture.LOBBY)).isFalse();
        }
    }

    @Test
    void aRepeatedJoinSharesTheMembership() {
        try (var fixture = new Fixture()) {
            var session = fixture.session(socket);
            fixture.memberships.join(session, JOIN);
            var waiting = Objects.requireNonNull(session.membership(Fixture.LOBBY));
            fixture.memberships.join(session,
                    new ClientFrame.Join("lobby", FrameId.text("j2"), JOIN.after(), JOIN.epoch()));

            assertThat(session.membership(Fixture.LOBBY)).isSameAs(waiting);
            assertThat(socket.sent()).isEmpty();
            fixture.memberships.join(session,
                    new ClientFrame.Join("lobby", FrameId.text("j3"), new After.Seq(7), null));
            assertThat(session.membership(Fixture.LOBBY)).isNotSameAs(waiting); // another position is another question
            assertThat(socket.of("error")).extracting(error -> error.get("id").textValue()).containsExactly("j1", "j2");
            assertThat(socket.error()).isEqualTo("not_joined");
        }
    }

    @Test
    void aJoinThatCannotBeQueuedIsRefusedAtOnce() {
        var fixture = new Fixture();
        fixture.close();
        var session = fixture.session(socket);
        fixture.memberships.join(session, JOIN);

        assertThat(socket.error()).isEqualTo("overloaded");
        assertThat(session.membership(Fixture.LOBBY)).isNull();
        assertThat(fixture.memberships.pendingCommands()).isZero();
    }

    @Test
    void aLeaveIsAnsweredAtOnce() {
        try (var fixture = new Fixture(1, 10)) { // the log is down, but the connection still leaves the room
            var session = fixture.session(socket);
            session.add(new Membership(Fixture.LOBBY, session, "ann", 1, null, null, null));
            fixture.memberships.leave(session, LEAVE);

            assertThat(socket.of("leave_ack")).hasSize(1);
            assertThat(fixture.memberships.pendingCommands()).isEqualTo(1);
            fixture.memberships.leave(session, LEAVE);
            assertThat(socket.error()).isEqualTo("not_joined");
        }
    }

    @Test
    void aNewIncarnationJoinsEveryRoomAgainUnderNewNumbers() {
        try (var fixture = new Fixture()) {
            var session = fixture.session(socket);
            fixture.memberships.join(session, JOIN);
            var before = Objects.requireNonNull(session.membership(Fixture.LOBBY)).request();
            fixture.sessions.rejoinAll();

            eventually(() -> assertThat(fixture.producer.log()).hasSize(2));
            var membership = Objects.requireNonNull(session.membership(Fixture.LOBBY));
            assertThat(membership.request()).isGreaterThan(before);
            assertThat(((Command.Join) fixture.producer.log().getLast()).request()).isEqualTo(membership.request());
            assertThat(socket.sent()).isEmpty();
        }
    }

    @Test
    void eachPresenceRequestIsAnsweredOrFails() {
        try (var fixture = new Fixture()) {
            var session = fixture.session(socket);
            fixture.memberships.requestMemberList(session, Fixture.LOBBY, FrameId.text("p1"));
            fixture.memberships.requestMemberList(session, Fixture.LOBBY, FrameId.text("p2"));
            eventually(() -> assertThat(fixture.producer.log()).hasSize(2));
            var request = (Command.ListMembers) fixture.producer.log().getFirst();
            session.answerMemberList(answer(request));
            session.answerMemberList(answer(request)); // a router may send the answer twice
            fixture.sessions.rejoinAll(); // the second question is lost with the old incarnation

            assertThat(socket.of("presence_state")).hasSize(1);
            assertThat(socket.of("presence_state").getFirst().get("id").textValue()).isEqualTo("p1");
            assertThat(socket.error()).isEqualTo("unavailable");
            assertThat(socket.of("error").getFirst().get("id").textValue()).isEqualTo("p2");
        }
    }

    @Test
    void anUnansweredRequestTimesOut() {
        try (var fixture = new Fixture()) {
            var session = fixture.session(socket);
            fixture.memberships.requestMemberList(session, Fixture.LOBBY, FrameId.text("p1"));
            session.failOverdue(System.nanoTime());
            assertThat(socket.sent()).isEmpty();
            session.failOverdue(System.nanoTime() + Duration.ofMinutes(1).toNanos());

            assertThat(socket.error()).isEqualTo("timeout");
        }
    }

    @Test
    void tooManyPendingRequestsAreRefused() {
        try (var fixture = new Fixture()) {
            var session = fixture.session(socket);
            for (var n = 0; n < 256; n++) fixture.memberships.requestMemberList(session, Fixture.LOBBY, null);
            assertThat(socket.sent()).isEmpty();
            fixture.memberships.requestMemberList(session, Fixture.LOBBY, FrameId.text("one too many"));

            assertThat(socket.error()).isEqualTo("overloaded");
            assertThat(socket.of("error").getLast().get("message").textValue()).startsWith("256 presence requests");
        }
    }

    @Test
    void aRequestOfTheEdgeIsRetriedAndAnsweredWithoutAnId() {
        try (var fixture = new Fixture(3, 8)) {
            var session = fixture.session(socket);
            var membership = new Membership(Fixture.LOBBY, session, "ann", 1, null, null, null);
            session.add(membership);
            session.refreshPresence(membership);
            eventually(() -> assertThat(fixture.memberships.pendingCommands()).isZero());
            var request = (Command.ListMembers) fixture.producer.log().getLast();
            session.answerMemberList(answer(request));

            assertThat(socket.error()).isNull();
            assertThat(socket.of("presence_state").getFirst().has("id")).isFalse();
        }
    }

    private static Delivery.MemberList answer(Command.ListMembers request) {
        return new Delivery.MemberList(request.room(), request.connection(), request.request(), List.of(), 0, 1);
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(assertion);
    }
}
