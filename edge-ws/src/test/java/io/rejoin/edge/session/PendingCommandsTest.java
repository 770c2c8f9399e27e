package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.fanout.DelayedTasks;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that a change by the reader thread cannot come between a check and its append: it waits until both are done.
 */
class PendingCommandsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Fixture fixture = new Fixture();
    private final FakeSocket socket = new FakeSocket();
    private final Session session = fixture.session(socket);
    private final PendingCommands pendingCommands = new PendingCommands(fixture.commands, fixture.identity,
            new Random(1),
            DelayedTasks::onVirtualThread);
    private final AtomicReference<@Nullable Thread> reader = new AtomicReference<>();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aLeaveDuringARejoinWins() throws InterruptedException {
        fixture.memberships.join(session, new ClientFrame.Join("lobby", null, null, null));
        pendingCommands.append(session, Fixture.LOBBY, PendingCommands.Kind.MEMBERSHIP,
                edge -> new Command.Join(Fixture.LOBBY, session.user(), session.id(), edge, 2),
                checkedWhile(() -> session.membership(Fixture.LOBBY) != null,
                        () -> fixture.memberships.leave(session, new ClientFrame.Leave("lobby", null))));
        awaitAppends(3);

        assertThat(fixture.isMember(Fixture.LOBBY)).isFalse();
    }

    @Test
    void aJoinDuringARetriedLeaveWins() throws InterruptedException {
        pendingCommands.append(session, Fixture.LOBBY, PendingCommands.Kind.MEMBERSHIP,
                edge -> new Command.Leave(Fixture.LOBBY, session.id(), edge),
                checkedWhile(() -> session.membership(Fixture.LOBBY) == null,
                        () -> fixture.memberships.join(session, new ClientFrame.Join("lobby", null, null, null))));
        awaitAppends(2);

        assertThat(fixture.isMember(Fixture.LOBBY)).isTrue();
    }

    @Test
    void repeatedJoinsAndLeavesArePendingAsOneCommand() {
        fixture.producer.failuresInTen(10);
        for (var n = 0; n < 200; n++) {
            fixture.memberships.join(session, new ClientFrame.Join("lobby", null, null, null));
            fixture.memberships.leave(session, new ClientFrame.Leave("lobby", null));
            assertThat(fixture.memberships.pendingCommands()).isLessThanOrEqualTo(1);
        }
        fixture.producer.failuresInTen(0);

        await().atMost(LONG).until(() -> fixture.memberships.pendingCommands() == 0);
        assertThat(fixture.isMember(Fixture.LOBBY)).isFalse();
    }

    @Test
    void aClientWithTooManyPendingCommandsCannotJoin() {
        fixture.producer.failuresInTen(10);
        for (var n = 0; n < 1_000; n++) {
            fixture.memberships.join(session, new ClientFrame.Join("room-" + n, null, null, null));
            fixture.memberships.leave(session, new ClientFrame.Leave("room-" + n, null));
        }

        assertThat(fixture.memberships.pendingCommands()).isLessThanOrEqualTo(256);
        assertThat(socket.of("error").stream().map(error -> error.get("code").textValue())).contains("overloaded");
        fixture.producer.failuresInTen(0);
        await().atMost(LONG).until(() -> fixture.memberships.pendingCommands() == 0);
    }

    @Test
    void aReplacedCommandIsAppendedNext() {
        fixture.producer.failuresInTen(10);
        pendingCommands.append(session, Fixture.LOBBY, PendingCommands.Kind.MEMBERSHIP, edge -> join(edge, 1),
                () -> true);
        for (var n = 2; n <= 50; n++) {
            var request = n;
            pendingCommands.append(session, Fixture.LOBBY, PendingCommands.Kind.MEMBERSHIP, edge -> join(edge, request),
                    () -> true);
        }
        assertThat(pendingCommands.count()).isEqualTo(1);
        assertThat(pendingCommands.count(session)).isEqualTo(1);
        fixture.producer.failuresInTen(0);
        await().atMost(LONG).until(() -> pendingCommands.count() == 0);

        assertThat(pendingCommands.count(session)).isZero();
        assertThat(((Command.Join) fixture.producer.log().getLast()).request()).isEqualTo(50);
    }

    @Test
    void anObsoleteCommandReplacesNothing() {
        fixture.producer.failuresInTen(10);
        pendingCommands.append(session, Fixture.LOBBY, PendingCommands.Kind.MEMBERSHIP, edge -> join(edge, 1),
                () -> true);
        pendingCommands.append(session, Fixture.LOBBY, PendingCommands.Kind.MEMBERSHIP, edge -> join(edge, 2),
                () -> false);
        fixture.producer.failuresInTen(0);
        await().atMost(LONG).until(() -> pendingCommands.count() == 0);

        assertThat(((Command.Join) fixture.producer.log().getLast()).request()).isEqualTo(1);
    }

    private Command.Join join(EdgeRef edge, long request) {
        return new Command.Join(Fixture.LOBBY, session.user(), session.id(), edge, request);
    }

    /** Returns the result of the check only after another thread has run as far as it can. */
    private BooleanSupplier checkedWhile(BooleanSupplier check, Runnable concurrentAction) {
        return () -> {
            var result = check.getAsBoolean();
            var thread = Thread.ofPlatform().start(concurrentAction);
            reader.set(thread);
            await().atMost(LONG).until(() -> thread.getState() == Thread.State.BLOCKED || !thread.isAlive());
            return result;
        };
    }

    private void awaitAppends(int count) throws InterruptedException {
        var thread = reader.get();
        assertThat(thread).isNotNull();
        if (thread != null) thread.join();
        await().atMost(LONG).until(() -> fixture.producer.log().size() == count);
    }
}
