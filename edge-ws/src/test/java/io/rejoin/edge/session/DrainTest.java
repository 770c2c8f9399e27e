package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.edge.auth.Grants;
import io.rejoin.edge.auth.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class DrainTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int CLIENTS = 1_000;
    private static final Duration SPREAD = Duration.ofSeconds(5);

    private final Fixture fixture = new Fixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void closesAreSpreadEvenlyInRandomOrder() {
        var sessions = IntStream.range(0, CLIENTS).mapToObj(n -> session("c" + n, new FakeSocket())).toList();
        var plan = Drain.plan(sessions, SPREAD, new Random(1));

        assertThat(plan).extracting(Drain.ScheduledClose::session).containsExactlyInAnyOrderElementsOf(sessions)
                .isNotEqualTo(sessions);
        var pause = SPREAD.dividedBy(CLIENTS);
        for (var n = 0; n < CLIENTS; n++) assertThat(plan.get(n).delay()).isEqualTo(pause.multipliedBy(n));
        assertThat(Drain.plan(sessions, SPREAD, new Random(2))).isNotEqualTo(plan);
        assertThat(Drain.plan(List.of(), SPREAD, new Random(1))).isEmpty();
    }

    @Test
    void eachClientGetsItsOwnReconnectDelay() throws Exception {
        var sockets = IntStream.range(0, 100).mapToObj(_ -> new FakeSocket()).toList();
        for (var n = 0; n < sockets.size(); n++) fixture.sessions.add(session("c" + n, sockets.get(n)));
        fixture.drain.run();
        await().atMost(LONG).until(() -> sockets.stream().allMatch(socket -> socket.closed() != null));

        assertThat(sockets).allSatisfy(socket -> assertThat(socket.closed()).isEqualTo(1012));
        var waits = sockets.stream().map(socket -> socket.sent().getLast().get("after_ms").longValue()).toList();
        assertThat(waits).allSatisfy(wait -> assertThat(wait).isBetween(0L, Drain.MAX_RECONNECT_DELAY.toMillis()));
        assertThat(waits.stream().distinct().count()).isGreaterThan(50);
    }

    @Test
    void aCloseWaitsForTheAnswersToOpenPosts() throws Exception {
        var session = fixture.session(new FakeSocket());
        begin(session, "m1");
        begin(session, "m2");
        var inTime = new AtomicBoolean();
        var closing = Thread.ofPlatform().start(() -> inTime.set(isClosedInTime(session)));
        await().atMost(LONG).until(() -> closing.getState() == Thread.State.TIMED_WAITING);
        answer(session, "m1");
        answer(session, "m2");

        assertThat(closing.join(LONG)).isTrue();
        assertThat(inTime).isTrue();
    }

    @Test
    void aDrainedClientCannotPostHere() throws Exception {
        var socket = new FakeSocket();
        var session = fixture.session(socket);
        fixture.frames.handle(session, "{\"event\":\"join\",\"room\":\"lobby\"}");
        session.posts().close(Duration.ZERO);
        fixture.frames.handle(session, "{\"event\":\"message\",\"text\":\"hi\",\"id\":\"m1\"}");

        assertThat(socket.error()).isEqualTo("unavailable");
        assertThat(socket.of("error").getLast().get("id").textValue()).isEqualTo("m1");
        assertThat(socket.of("error").getLast().get("message").textValue()).contains("was not posted");
    }

    @Test
    void anUnansweredPostDoesNotPreventTheClose() throws Exception {
        var socket = new FakeSocket();
        var session = fixture.session(socket);
        begin(session, "m1");
        fixture.drain.run();
        await().atMost(LONG).until(() -> socket.closed() != null);

        assertThat(socket.closed()).isEqualTo(1012);
    }

    @Test
    void aDrainForTwoReasonsEndsWhenBothAreUndone() {
        fixture.drain.begin(Drain.Reason.OPERATOR, Duration.ZERO);
        fixture.drain.begin(Drain.Reason.UNCOVERED_SHARDS, Duration.ZERO);
        await().atMost(LONG).until(fixture.drain::isDraining);
        fixture.drain.undo(Drain.Reason.UNCOVERED_SHARDS);
        assertThat(fixture.drain.isDraining()).isTrue();
        fixture.drain.undo(Drain.Reason.OPERATOR);
        assertThat(fixture.drain.isDraining()).isFalse();
    }

    @Test
    void aDrainCanBeUndoneAndBegunAgain() {
        var socket = new FakeSocket();
        fixture.sessions.add(session("c1", socket));
        fixture.drain.begin(Drain.Reason.OPERATOR, Duration.ZERO);
        fixture.drain.begin(Drain.Reason.OPERATOR, Duration.ZERO);
        await().atMost(LONG).until(() -> socket.closed() != null);
        assertThat(fixture.drain.isDraining()).isTrue();
        fixture.drain.undo(Drain.Reason.OPERATOR);
        assertThat(fixture.drain.isDraining()).isFalse();
        fixture.drain.begin(Drain.Reason.OPERATOR, Duration.ZERO);

        await().atMost(LONG).until(fixture.drain::isDraining);
    }

    @Test
    void beforeTheDelayNobodyIsClosedOrRefused() {
        var socket = new FakeSocket();
        fixture.sessions.add(session("c1", socket));
        fixture.drain.begin(Drain.Reason.OPERATOR, Duration.ofDays(1));

        assertThat(fixture.drain.isDraining()).isFalse();
        fixture.drain.undo(Drain.Reason.OPERATOR);
        fixture.drain.undo(Drain.Reason.OPERATOR);
        assertThat(socket.closed()).isNull();
        assertThat(fixture.drain.isDraining()).isFalse();
    }

    @Test
    void anUndoneDrainKeepsTheOtherClients() {
        var sockets = Stream.generate(FakeSocket::new).limit(20).toList();
        for (var i = 0; i < sockets.size(); i++) fixture.sessions.add(session("c" + i, sockets.get(i)));
        var slow = new Drain(fixture.sessions, Duration.ofDays(1), new Random(1));
        slow.begin(Drain.Reason.OPERATOR, Duration.ZERO);
        await().atMost(LONG).until(slow::isDraining);
        var sending = Objects.requireNonNull(slow.drainThread());
        slow.undo(Drain.Reason.OPERATOR);

        await().atMost(LONG).until(() -> !sending.isAlive());
        assertThat(sockets).extracting(FakeSocket::closed).containsNull();
    }

    @Test
    void anUndoDoesNotStopTheFinalDrain() throws Exception {
        fixture.drain.begin(Drain.Reason.OPERATOR, Duration.ofDays(1));
        fixture.drain.run();
        fixture.drain.undo(Drain.Reason.OPERATOR);

        assertThat(fixture.drain.isDraining()).isTrue();
    }

    private static void begin(Session session, String id) {
        session.posts().begin(Fixture.LOBBY, FrameId.text(id), System.nanoTime());
    }

    private static void answer(Session session, String id) {
        var ack = new ServerFrame.Ack(FrameId.text(id), Fixture.LOBBY.name(), 1, 1, null);
        session.answerPost(Fixture.LOBBY, ack.id(), ack);
    }

    private static boolean isClosedInTime(Session session) {
        try {
            return session.posts().close(LONG);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Session session(String id, FakeSocket socket) {
        var principal = new Principal(new UserId("default", "ann"), new Grants(List.of("lobby")), null);
        return new Session(new ConnectionId(id), principal, socket, fixture.memberships, fixture.meters,
                false);
    }
}
