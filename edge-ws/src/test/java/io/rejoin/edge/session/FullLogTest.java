package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.After;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.auth.Grants;
import io.rejoin.edge.auth.Principal;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.edge.metrics.SessionMeters;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.tracing.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tests what happens while the command log is full. */
class FullLogTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final RoomId LOBBY = new RoomId("default", "lobby");

    private final Log log = new Log();
    private final List<Runnable> delayed = new ArrayList<>();
    private final Memberships memberships = new Memberships(log, new EdgeIdentity("edge-1"), new LocalRooms(1_000_000),
            new Random(1), Duration.ZERO, (_, task) -> delayed.add(task));
    private final FakeSocket socket = new FakeSocket();
    private final Session session = new Session(new ConnectionId("c1"),
            new Principal(new UserId("default", "ann"), new Grants(List.of("*")), null), socket, memberships,
            new SessionMeters(new SimpleMeterRegistry()), false);

    private static final class Log implements Commands {
        private final List<Command> appended = new ArrayList<>();
        private boolean isFull;
        private Runnable onRefusal = () -> {};

        @Override
        public boolean append(Command.OfRoom command, int bytes, Step parentStep, AppendCallback callback) {
            if (isFull) onRefusal.run();
            if (isFull) return false;
            appended.add(command);
            callback.onCompletion(null);
            return true;
        }

        @Override
        public boolean isClosed() {
            return false;
        }
    }

    @Test
    void aFirstJoinIsRefusedAndNothingIsDone() {
        log.isFull = true;
        memberships.join(session, join("j1", 0));
        runDelayed();

        assertThat(socket.error()).isEqualTo("overloaded");
        assertThat(session.membership(LOBBY)).isNull();
    }

    @Test
    void aSecondJoinFromAnotherPositionKeepsTheMembership() {
        memberships.join(session, join("j1", 0));
        log.isFull = true;
        memberships.join(session, join("j2", 7));
        assertThat(socket.of("error")).extracting(error -> error.get("id").textValue()).containsExactly("j1");
        log.isFull = false;
        runDelayed();

        var membership = Objects.requireNonNull(session.membership(LOBBY));
        assertThat(log.appended).last().isEqualTo(new Command.Join(LOBBY, session.user(), session.id(),
                new EdgeIdentity("edge-1").current(), membership.request()));
        assertThat(memberships.pendingCommands()).isZero();
    }

    /** While the log refuses the command, the edge gets a new incarnation and fails the questions of the old one. */
    @Test
    void aRequestThatCannotBeQueuedIsRefusedOnce() throws InterruptedException {
        log.isFull = true;
        for (var n = 1; n <= 50; n++) {
            var renewals = new ArrayList<Thread>();
            log.onRefusal = () -> {
                var renewal = Thread.ofPlatform().start(session::failPendingRequests);
                renewals.add(renewal);
                await().atMost(LONG).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1))
                        .until(() -> renewal.getState() == Thread.State.BLOCKED);
            };
            memberships.requestMemberList(session, LOBBY, null);
            for (var renewal : renewals) renewal.join();

            assertThat(socket.of("error")).hasSize(n);
        }
    }

    private void runDelayed() {
        var due = List.copyOf(delayed);
        delayed.clear();
        due.forEach(Runnable::run);
    }

    private static ClientFrame.Join join(String id, long parentStep) {
        return new ClientFrame.Join("lobby", FrameId.text(id), new After.Seq(parentStep), null);
    }
}
