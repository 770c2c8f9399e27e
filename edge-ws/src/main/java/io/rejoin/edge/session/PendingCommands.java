package io.rejoin.edge.session;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.fanout.DelayedTasks;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.resilience.Backoff;
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
 * durable or obsolete. Checking whether a command is obsolete and appending it are one step under the owner's monitor.
 * So the log holds the joins and leaves of a connection in the order in which they happened.
 *
 * <p>At most one command of each kind is pending for a connection and a room. A newer command replaces an older one
 * that is still waiting.
 *
 * <p>Only {@link #MAX_IN_LOG} commands are in the command log's queue at once. The others wait in a queue here. So when
 * all members of an edge join again, or all its connections break, the command log still has space for the posts of
 * clients.
 */
final class PendingCommands {
    /**
     * The bytes that a command without its content is counted as in the limits of the command log. This is a rough
     * estimate on the high side: most encoded commands are smaller.
     */
    static final int COMMAND_BYTES = 300;
    /** How many commands may be in the command log's queue at once: a tenth of its size. Each takes a slot. */
    static final int MAX_IN_LOG = 2_000;

    /** What a command is about. Only the latest command of each kind counts. */
    enum Kind {
        /** Whether the connection is in the room. */
        MEMBERSHIP,
        /** The members of the room, as a request to the routers. */
        PRESENCE
    }

    record Key(RoomId room, Kind kind) {}

    /** A command that is not durable yet. Guarded by its owner's monitor. */
    static final class PendingCommand {
        final PendingCommandsOfConnection.CommandOwner owner;
        final Key key;
        private Function<EdgeRef, Command.OfRoom> command;
        private BooleanSupplier isStillValid;
        private int version;
        private int failures;

        private PendingCommand(PendingCommandsOfConnection.CommandOwner owner, Key key,
                Function<EdgeRef, Command.OfRoom> command,
                BooleanSupplier isStillValid) {
            this.owner = owner;
            this.key = key;
            this.command = command;
            this.isStillValid = isStillValid;
        }
    }

    private final Commands commands;
    private final EdgeIdentity identity;
    private final RandomGenerator random;
    private final DelayedTasks delayedTasks;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
    private final AtomicInteger pendingCount = new AtomicInteger();
    /** How many commands have a slot in the command log or wait for one. */
    private final AtomicInteger slotDemand = new AtomicInteger();
    private final Queue<PendingCommand> waitingForSlot = new ConcurrentLinkedQueue<>();

    PendingCommands(Commands commands, EdgeIdentity identity, RandomGenerator random, DelayedTasks delayedTasks) {
        this.commands = commands;
        this.identity = identity;
        this.random = random;
        this.delayedTasks = delayedTasks;
    }

    /** How many commands are not durable yet. */
    int count() {
        return pendingCount.get();
    }

    /** How many commands of one owner are not durable yet. */
    int count(PendingCommandsOfConnection.CommandOwner owner) {
        synchronized (owner) {
            return owner.pendingOfConnection().size();
        }
    }

    /**
     * Begins to append a command, or lets it replace the waiting one of its room and kind. Returns at once.
     *
     * @param command      builds the command for the edge's current incarnation
     * @param isStillValid whether the command is not obsolete; called under the owner's monitor
     */
    void append(PendingCommandsOfConnection.CommandOwner owner, RoomId room, Kind kind,
            Function<EdgeRef, Command.OfRoom> command,
            BooleanSupplier isStillValid) {
        var isSlotUnused = false;
        synchronized (owner) {
            if (!isStillValid.getAsBoolean()) return; // an obsolete command must not replace a valid one
            var key = new Key(room, kind);
            var pending = owner.pendingOfConnection().find(key);
            if (pending != null) { // the append or retry under way sends the new one next
                pending.command = command;
                pending.isStillValid = isStillValid;
                pending.version++;
                return;
            }
            pendingCount.incrementAndGet();
            pending = new PendingCommand(owner, key, command, isStillValid);
            owner.pendingOfConnection().add(pending);
            isSlotUnused = acquireSlot(pending) && !send(pending);
        }
        if (isSlotUnused) releaseSlot();
    }

    /**
     * Takes a slot in the command log for a command. Returns false if no slot is free: the command then waits, and is
     * appended once it gets a slot.
     */
    private boolean acquireSlot(PendingCommand pending) {
        if (slotDemand.incrementAndGet() <= MAX_IN_LOG) return true;
        waitingForSlot.add(pending);
        return false;
    }

    /** Gives a free slot to the next waiting command, until one keeps the slot. Called without any owner's monitor. */
    private void releaseSlot() {
        while (slotDemand.decrementAndGet() >= MAX_IN_LOG) {
            var next = waitingForSlot.poll();
            while (next == null) { // another thread has counted the command and is about to add it
                Thread.onSpinWait();
                next = waitingForSlot.poll();
            }
            if (appendIfValid(next)) return;
        }
    }

    /** Appends the command unless it is obsolete. Returns false if the command does not need its slot. */
    private boolean appendIfValid(PendingCommand pending) {
        synchronized (pending.owner) {
            if (pending.isStillValid.getAsBoolean()) return send(pending);
            finish(pending);
            return false;
        }
    }

    /** Appends the command. The caller holds the owner's monitor. */
    private boolean send(PendingCommand pending) {
        var version = pending.version;
        var isQueued = commands.append(pending.command.apply(identity.current()), COMMAND_BYTES,
                failure -> onCompletion(pending, version, failure));
        if (!isQueued) retryLater(pending);
        return isQueued;
    }

    private void onCompletion(PendingCommand pending, int version, @Nullable Exception failure) {
        if (!completeOrAppendAgain(pending, version, failure)) releaseSlot();
    }

    private boolean completeOrAppendAgain(PendingCommand pending, int version, @Nullable Exception failure) {
        synchronized (pending.owner) {
            if (failure != null) {
                retryLater(pending);
                return false;
            }
            if (pending.version == version) {
                finish(pending);
                return false;
            }
            pending.failures = 0; // the command was replaced meanwhile
            return appendIfValid(pending);
        }
    }

    private void finish(PendingCommand pending) {
        pendingCount.decrementAndGet();
        pending.owner.pendingOfConnection().remove(pending);
    }

    private void retryLater(PendingCommand pending) {
        if (commands.isClosed()) {
            finish(pending); // the edge ends: routers miss its heartbeats and remove its members
            return;
        }
        delayedTasks.schedule(backoff.delay(pending.failures++, random), () -> {
            if (acquireSlot(pending) && !appendIfValid(pending)) releaseSlot();
        });
    }
}
