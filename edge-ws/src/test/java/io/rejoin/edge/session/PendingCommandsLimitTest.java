package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.fanout.DelayedTasks;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.tracing.Step;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests that the command log still has room for other commands when all members of an edge change at once. */
class PendingCommandsLimitTest {
    private static final int MANY = 10_000;

    private final Log log = new Log();
    private final List<Runnable> delayed = new ArrayList<>();
    private final PendingCommands pendingCommands = new PendingCommands(log, new EdgeIdentity("edge-1"), new Random(1),
            (_, task) -> delayed.add(task));

    /** A command log whose appends end when the test decides. */
    private static final class Log implements Commands {
        private final Deque<AppendCallback> open = new ArrayDeque<>();
        private final Set<RoomId> durable = new HashSet<>();
        private final Deque<RoomId> rooms = new ArrayDeque<>();
        private boolean isFull;
        private boolean isClosed;

        @Override
        public boolean append(Command.OfRoom command, int bytes, Step parentStep, AppendCallback callback) {
            if (isFull || isClosed) return false;
            rooms.add(command.room());
            open.add(callback);
            return true;
        }

        void end(@Nullable Exception failure) {
            var room = rooms.remove();
            if (failure == null) durable.add(room);
            open.remove().onCompletion(failure);
        }

        @Override
        public boolean isClosed() {
            return isClosed;
        }
    }

    @Test
    void fewCommandsAreInTheLogAtOnceAndAllAreAppended() {
        appendMany(() -> true);

        assertThat(log.open).hasSize(PendingCommands.MAX_IN_LOG);
        assertThat(pendingCommands.count()).isEqualTo(MANY);
        while (!log.open.isEmpty()) {
            assertThat(log.open).hasSizeLessThanOrEqualTo(PendingCommands.MAX_IN_LOG);
            log.end(null);
        }
        assertThat(log.durable).hasSize(MANY);
        assertThat(pendingCommands.count()).isZero();
    }

    @Test
    void aFailedCommandReleasesItsSlot() {
        appendMany(() -> true);
        for (var n = 0; n < PendingCommands.MAX_IN_LOG; n++) log.end(new IllegalStateException("Kafka is away"));

        assertThat(log.open).hasSize(PendingCommands.MAX_IN_LOG);
        finish();
        assertThat(log.durable).hasSize(MANY);
        assertThat(pendingCommands.count()).isZero();
    }

    @Test
    void anObsoleteCommandNeedsNoSlot() {
        var isTrue = new AtomicInteger(1);
        appendMany(() -> isTrue.get() == 1);
        isTrue.set(0);
        log.end(null);

        assertThat(log.open).hasSize(PendingCommands.MAX_IN_LOG - 1);
        assertThat(pendingCommands.count()).isEqualTo(PendingCommands.MAX_IN_LOG - 1);
        finish();
        assertThat(pendingCommands.count()).isZero();
    }

    @Test
    void aFullLogIsTriedAgainLater() {
        log.isFull = true;
        appendMany(() -> true);
        assertThat(log.open).isEmpty();
        log.isFull = false;
        finish();

        assertThat(log.durable).hasSize(MANY);
    }

    @Test
    void aClosedLogLeavesNoPendingCommands() {
        appendMany(() -> true);
        log.isClosed = true;
        while (!log.open.isEmpty()) log.end(new IllegalStateException("closed"));

        assertThat(pendingCommands.count()).isZero();
    }

    @Test
    void concurrentAppendsAndCompletionsLoseNothing() throws InterruptedException {
        var durable = new AtomicInteger();
        Commands immediate = new Commands() {
            @Override
            public boolean append(Command.OfRoom command, int bytes, Step parentStep, AppendCallback callback) {
                Thread.ofVirtual().start(() -> {
                    durable.incrementAndGet();
                    callback.onCompletion(null);
                });
                return true;
            }

            @Override
            public boolean isClosed() {
                return false;
            }
        };
        var busy = new PendingCommands(immediate, new EdgeIdentity("edge-1"), new Random(1),
                DelayedTasks::onVirtualThread);
        var done = new CountDownLatch(20);
        for (var thread = 0; thread < 20; thread++) {
            var number = thread;
            Thread.ofVirtual().start(() -> {
                for (var n = 0; n < 1_000; n++) appendLeave(busy, "room-" + number + "-" + n, () -> true);
                done.countDown();
            });
        }
        done.await();

        await().atMost(Duration.ofSeconds(60)).until(() -> busy.count() == 0);
        assertThat(durable).hasValue(20_000);
    }

    private void appendMany(BooleanSupplier isStillValid) {
        for (var n = 0; n < MANY; n++) appendLeave(pendingCommands, "room-" + n, isStillValid);
    }

    private static void appendLeave(PendingCommands pendingCommands, String name, BooleanSupplier isStillValid) {
        var room = new RoomId("default", name);
        pendingCommands.append(new GracePeriods.BrokenConnection(new ConnectionId("c-" + name), List.of(room)), room,
                PendingCommands.Kind.MEMBERSHIP,
                edge -> new Command.Leave(room, new ConnectionId("c-" + name), edge), isStillValid);
    }

    /** Ends all appends and runs all retries, until none is left. */
    private void finish() {
        while (!log.open.isEmpty() || !delayed.isEmpty()) {
            while (!log.open.isEmpty()) log.end(null);
            var due = List.copyOf(delayed);
            delayed.clear();
            due.forEach(Runnable::run);
        }
    }
}
