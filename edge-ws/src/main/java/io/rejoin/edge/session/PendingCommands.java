package io.rejoin.edge.session;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.fanout.Backoff;
import io.rejoin.edge.fanout.DelayedTasks;
import io.rejoin.edge.fanout.EdgeIdentity;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Appends the commands that must reach the routers. Each command is appended again, with growing pauses, until it is
 * durable or obsolete. Checking whether a command is obsolete and appending it are one step under the debtor's monitor.
 * So the log holds the joins and leaves of a connection in the order in which they happened.
 *
 * <p>A connection owes at most one command of each kind for a room. A newer command replaces an older one that is still
 * waiting.
 *
 * <p>Only {@link #AT_ONCE} commands are in the command log's queue at once. The others wait in a queue here. So when
 * all members of an edge join again, or all its connections break, the command log still has room for the posts of
 * clients.
 */
final class PendingCommands {
    /** The approximate size of a command's JSON without content. */
    static final int COMMAND_BYTES = 300;
    /** How many commands may be in the command log's queue at once: a tenth of its places. */
    static final int AT_ONCE = 2_000;

    /** What a command is about. Only the latest command of each kind counts. */
    enum Kind {
        /** Whether the connection is in the room. */
        MEMBERSHIP,
        /** The members of the room, as a question to the routers. */
        PRESENCE
    }

    record Key(RoomId room, Kind kind) {}

    /** A command that is owed. Guarded by its debtor's monitor. */
    static final class PendingCommand {
        final PendingBySession.CommandOwner debtor;
        final Key key;
        private Function<EdgeRef, Command.OfRoom> command;
        private BooleanSupplier stillTrue;
        private int version;
        private int failures;

        private PendingCommand(PendingBySession.CommandOwner debtor, Key key, Function<EdgeRef, Command.OfRoom> command,
                BooleanSupplier stillTrue) {
            this.debtor = debtor;
            this.key = key;
            this.command = command;
            this.stillTrue = stillTrue;
        }
    }

    private final Commands commands;
    private final EdgeIdentity identity;
    private final RandomGenerator random;
    private final DelayedTasks later;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
    private final AtomicInteger open = new AtomicInteger();
    /** How many debts have a place in the command log or wait for one. */
    private final AtomicInteger wanted = new AtomicInteger();
    private final Queue<PendingCommand> waiting = new ConcurrentLinkedQueue<>();

    PendingCommands(Commands commands, EdgeIdentity identity, RandomGenerator random, DelayedTasks later) {
        this.commands = commands;
        this.identity = identity;
        this.random = random;
        this.later = later;
    }

    /** How many commands are not durable yet. */
    int count() {
        return open.get();
    }

    /** How many commands of one debtor are not durable yet. */
    int count(PendingBySession.CommandOwner debtor) {
        synchronized (debtor) {
            return debtor.debts().size();
        }
    }

    /**
     * Begins to append a command, or lets it replace the waiting one of its room and kind. Returns at once.
     *
     * @param command   builds the command for the edge's current incarnation
     * @param stillTrue whether the command is not obsolete; called under the debtor's monitor
     */
    void append(PendingBySession.CommandOwner debtor, RoomId room, Kind kind, Function<EdgeRef, Command.OfRoom> command,
            BooleanSupplier stillTrue) {
        var isPlaceLeft = false;
        synchronized (debtor) {
            if (!stillTrue.getAsBoolean()) return; // an obsolete command must not replace a valid one
            var key = new Key(room, kind);
            var debt = debtor.debts().find(key);
            if (debt != null) { // the append or retry under way sends the new one next
                debt.command = command;
                debt.stillTrue = stillTrue;
                debt.version++;
                return;
            }
            open.incrementAndGet();
            debt = new PendingCommand(debtor, key, command, stillTrue);
            debtor.debts().add(debt);
            isPlaceLeft = takePlace(debt) && !send(debt);
        }
        if (isPlaceLeft) passPlaceOn();
    }

    /**
     * Takes a place in the command log for a debt. Returns false if no place is free: the debt then waits, and is
     * attempted once it gets a place.
     */
    private boolean takePlace(PendingCommand debt) {
        if (wanted.incrementAndGet() <= AT_ONCE) return true;
        waiting.add(debt);
        return false;
    }

    /** Gives a free place to the next waiting debt, until one keeps the place. Called without any debtor's monitor. */
    private void passPlaceOn() {
        while (wanted.decrementAndGet() >= AT_ONCE) {
            var next = waiting.poll();
            while (next == null) { // another thread has counted the debt and is about to add it
                Thread.onSpinWait();
                next = waiting.poll();
            }
            if (attempt(next)) return;
        }
    }

    /** Appends the command unless it is obsolete. Returns false if the debt does not need its place. */
    private boolean attempt(PendingCommand debt) {
        synchronized (debt.debtor) {
            if (debt.stillTrue.getAsBoolean()) return send(debt);
            settle(debt);
            return false;
        }
    }

    /** Appends the command. The caller holds the debtor's monitor. */
    private boolean send(PendingCommand debt) {
        var version = debt.version;
        var taken = commands.append(debt.command.apply(identity.current()), COMMAND_BYTES,
                unknown -> ended(debt, version, unknown));
        if (!taken) tryLater(debt);
        return taken;
    }

    private void ended(PendingCommand debt, int version, @Nullable Exception unknown) {
        if (!isAppendedAgain(debt, version, unknown)) passPlaceOn();
    }

    private boolean isAppendedAgain(PendingCommand debt, int version, @Nullable Exception unknown) {
        synchronized (debt.debtor) {
            if (unknown != null) {
                tryLater(debt);
                return false;
            }
            if (debt.version == version) {
                settle(debt);
                return false;
            }
            debt.failures = 0; // the command was replaced meanwhile
            return attempt(debt);
        }
    }

    private void settle(PendingCommand debt) {
        open.decrementAndGet();
        debt.debtor.debts().remove(debt);
    }

    private void tryLater(PendingCommand debt) {
        if (commands.isClosed()) {
            settle(debt); // the edge ends: routers miss its heartbeats and remove its members
            return;
        }
        later.run(backoff.delay(debt.failures++, random), () -> {
            if (takePlace(debt) && !attempt(debt)) passPlaceOn();
        });
    }
}
