package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.fanout.DelayedTasks;
import io.rejoin.edge.fanout.EdgeIdentity;
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
class OwedAtOnceTest {
    private static final int MANY = 10_000;

    private final Log log = new Log();
    private final List<Runnable> later = new ArrayList<>();
    private final PendingCommands pendingCommands = new PendingCommands(log, new EdgeIdentity("edge-1"), new Random(1),
            (_, task) -> later.add(task));

    /** A command log whose appends end when the test decides. */
    private static final class Log implements Commands {
        private final Deque<Outcome> open = new ArrayDeque<>();
        private final Set<RoomId> durable = new HashSet<>();
        private final Deque<RoomId> rooms = new ArrayDeque<>();
        private boolean isFull;
        private boolean isClosed;

        @Override
        public boolean append(Command.OfRoom command, int bytes, Step after, Outcome outcome) {
            if (isFull || isClosed) return false;
            rooms.add(command.room());
            open.add(outcome);
            return true;
        }

        void end(@Nullable Exception unknown) {
            var room = rooms.remove();
            if (unknown == null) durable.add(room);
            open.remove().appended(unknown);
        }

        @Override
        public boolean isClosed() {
            return isClosed;
        }
    }

    @Test
    void fewAreInTheLogAtOnceAndAllGetThere() {
        oweMany(() -> true);

        assertThat(log.open).hasSize(PendingCommands.AT_ONCE);
        assertThat(pendingCommands.count()).isEqualTo(MANY);
        while (!log.open.isEmpty()) {
            assertThat(log.open).hasSizeLessThanOrEqualTo(PendingCommands.AT_ONCE);
            log.end(null);
        }
        assertThat(log.durable).hasSize(MANY);
        assertThat(pendingCommands.count()).isZero();
    }

    @Test
    void whatFailsGivesItsPlaceToTheNext() {
        oweMany(() -> true);
        for (var n = 0; n < PendingCommands.AT_ONCE; n++) log.end(new IllegalStateException("Kafka is away"));

        assertThat(log.open).hasSize(PendingCommands.AT_ONCE);
        finish();
        assertThat(log.durable).hasSize(MANY);
        assertThat(pendingCommands.count()).isZero();
    }

    @Test
    void whatIsTrueNoLongerNeedsNoPlace() {
        var isTrue = new AtomicInteger(1);
        oweMany(() -> isTrue.get() == 1);
        isTrue.set(0);
        log.end(null);

        assertThat(log.open).hasSize(PendingCommands.AT_ONCE - 1);
        assertThat(pendingCommands.count()).isEqualTo(PendingCommands.AT_ONCE - 1);
        finish();
        assertThat(pendingCommands.count()).isZero();
    }

    @Test
    void aFullLogIsTriedAgainLater() {
        log.isFull = true;
        oweMany(() -> true);
        assertThat(log.open).isEmpty();
        log.isFull = false;
        finish();

        assertThat(log.durable).hasSize(MANY);
    }

    @Test
    void aLogThatIsClosedLeavesNothingWaiting() {
        oweMany(() -> true);
        log.isClosed = true;
        while (!log.open.isEmpty()) log.end(new IllegalStateException("closed"));

        assertThat(pendingCommands.count()).isZero();
    }

    @Test
    void threadsThatOweAndThreadsThatEndLoseNothing() throws InterruptedException {
        var durable = new AtomicInteger();
        Commands immediate = new Commands() {
            @Override
            public boolean append(Command.OfRoom command, int bytes, Step after, Outcome outcome) {
                Thread.ofVirtual().start(() -> {
                    durable.incrementAndGet();
                    outcome.appended(null);
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
                for (var n = 0; n < 1_000; n++) owe(busy, "room-" + number + "-" + n, () -> true);
                done.countDown();
            });
        }
        done.await();

        await().atMost(Duration.ofSeconds(60)).until(() -> busy.count() == 0);
        assertThat(durable).hasValue(20_000);
    }

    private void oweMany(BooleanSupplier stillTrue) {
        for (var n = 0; n < MANY; n++) owe(pendingCommands, "room-" + n, stillTrue);
    }

    private static void owe(PendingCommands pendingCommands, String name, BooleanSupplier stillTrue) {
        var room = new RoomId("default", name);
        pendingCommands.append(new GracePeriods.BrokenConnection(new ConnectionId("c-" + name), List.of(room)), room,
                PendingCommands.Kind.MEMBERSHIP,
                edge -> new Command.Leave(room, new ConnectionId("c-" + name), edge), stillTrue);
    }

    /** Ends all appends and runs all retries, until none is left. */
    private void finish() {
        while (!log.open.isEmpty() || !later.isEmpty()) {
            while (!log.open.isEmpty()) log.end(null);
            var due = List.copyOf(later);
            later.clear();
            due.forEach(Runnable::run);
        }
    }
}
