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
    /**
     * The bytes that a command without its content is counted as in the limits of the command log. This is a rough
     * estimate on the high side: most encoded commands are smaller.
     */
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
        final PendingCommandsOfSession.CommandOwner owner;
        final Key key;
        private Function<EdgeRef, Command.OfRoom> command;
        private BooleanSupplier stillTrue;
        private int version;
        private int failures;

        private PendingCommand(PendingCommandsOfSession.CommandOwner owner, Key key,
                Function<EdgeRef, Command.OfRoom> command,
                BooleanSupplier stillTrue) {
            this.owner = owner;
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
    int count(PendingCommandsOfSession.CommandOwner owner) {
        synchronized (owner) {
            return owner.pendingOfSession().size();
        }
    }

    /**
     * Begins to append a command, or lets it replace the waiting one of its room and kind. Returns at once.
     *
     * @param command   builds the command for the edge's current incarnation
     * @param stillTrue whether the command is not obsolete; called under the debtor's monitor
     */
    void append(PendingCommandsOfSession.CommandOwner owner, RoomId room, Kind kind,
            Function<EdgeRef, Command.OfRoom> command,
            BooleanSupplier stillTrue) {
        var isPlaceLeft = false;
        synchronized (owner) {
            if (!stillTrue.getAsBoolean()) return; // an obsolete command must not replace a valid one
            var key = new Key(room, kind);
            var pendingCommand = owner.pendingOfSession().find(key);
            if (pendingCommand != null) { // the append or retry under way sends the new one next
                pendingCommand.command = command;
                pendingCommand.stillTrue = stillTrue;
                pendingCommand.version++;
                return;
            }
            open.incrementAndGet();
            pendingCommand = new PendingCommand(owner, key, command, stillTrue);
            owner.pendingOfSession().add(pendingCommand);
            isPlaceLeft = takePlace(pendingCommand) && !send(pendingCommand);
        }
        if (isPlaceLeft) passPlaceOn();
    }

    /**
     * Takes a place in the command log for a debt. Returns false if no place is free: the debt then waits, and is
     * attempted once it gets a place.
     */
    private boolean takePlace(PendingCommand pendingCommand) {
        if (wanted.incrementAndGet() <= AT_ONCE) return true;
        waiting.add(pendingCommand);
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
    private boolean attempt(PendingCommand pendingCommand) {
        synchronized (pendingCommand.owner) {
            if (pendingCommand.stillTrue.getAsBoolean()) return send(pendingCommand);
            settle(pendingCommand);
            return false;
        }
    }

    /** Appends the command. The caller holds the debtor's monitor. */
    private boolean send(PendingCommand pendingCommand) {
        var version = pendingCommand.version;
        var taken = commands.append(pendingCommand.command.apply(identity.current()), COMMAND_BYTES,
                unknown -> ended(pendingCommand, version, unknown));
        if (!taken) tryLater(pendingCommand);
        return taken;
    }

    private void ended(PendingCommand pendingCommand, int version, @Nullable Exception unknown) {
        if (!isAppendedAgain(pendingCommand, version, unknown)) passPlaceOn();
    }

    private boolean isAppendedAgain(PendingCommand pendingCommand, int version, @Nullable Exception unknown) {
        synchronized (pendingCommand.owner) {
            if (unknown != null) {
                tryLater(pendingCommand);
                return false;
            }
            if (pendingCommand.version == version) {
                settle(pendingCommand);
                return false;
            }
            pendingCommand.failures = 0; // the command was replaced meanwhile
            return attempt(pendingCommand);
        }
    }

    private void settle(PendingCommand pendingCommand) {
        open.decrementAndGet();
        pendingCommand.owner.pendingOfSession().remove(pendingCommand);
    }

    private void tryLater(PendingCommand pendingCommand) {
        if (commands.isClosed()) {
            settle(pendingCommand); // the edge ends: routers miss its heartbeats and remove its members
            return;
        }
        later.run(backoff.delay(pendingCommand.failures++, random), () -> {
            if (takePlace(pendingCommand) && !attempt(pendingCommand)) passPlaceOn();
        });
    }
}
