package io.rejoin.edge.session;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.fanout.Backoff;
import io.rejoin.edge.fanout.EdgeIdentity;
import io.rejoin.edge.fanout.Later;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the routers must learn for certain: appended, and appended again with growing pauses, until it is durable or no
 * longer true. Whether it is true and its append are one step under the debtor's monitor, so that the log never holds a
 * member's coming after its going, nor the other way round.
 *
 * <p>A connection owes one thing of a kind for a room at most: a newer command replaces an older one that still waits.
 *
 * <p>Few are appended at a time; the others wait in a queue of their own. When all members of an edge join again, or all its
 * connections break, the posts of clients still find room in the command log.
 */
final class Owed {
    /** About how large the JSON of a command without content is. */
    static final int COMMAND_BYTES = 300;
    /** Most that are in the command log's queue at once: a tenth of its places. */
    static final int AT_ONCE = 2_000;

    /** What it is about; the latest of each counts. */
    enum Kind {
        /** Whether the connection is in the room. */
        MEMBERSHIP,
        /** Who else is. */
        PRESENCE
    }

    record Key(RoomId room, Kind kind) {}

    /** Guarded by its debtor's monitor. */
    static final class Debt {
        final Debts.Debtor debtor;
        final Key key;
        private Function<EdgeRef, Command.OfRoom> command;
        private BooleanSupplier stillTrue;
        private int version;
        private int failures;

        private Debt(Debts.Debtor debtor, Key key, Function<EdgeRef, Command.OfRoom> command,
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
    private final Later later;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
    private final AtomicInteger open = new AtomicInteger();
    /** Places in the command log that are in use, and debts that wait for one. */
    private final AtomicInteger wanted = new AtomicInteger();
    private final Queue<Debt> waiting = new ConcurrentLinkedQueue<>();

    Owed(Commands commands, EdgeIdentity identity, RandomGenerator random, Later later) {
        this.commands = commands;
        this.identity = identity;
        this.random = random;
        this.later = later;
    }

    /** How many commands are not durable yet. */
    int count() {
        return open.get();
    }

    /** How many of a debtor's are not. */
    int count(Debts.Debtor debtor) {
        synchronized (debtor) {
            return debtor.debts().size();
        }
    }

    /**
     * Begins to append, or sees to it that this is appended instead of what was to be; returns at once.
     *
     * @param command   the command in the edge's incarnation of that moment
     * @param stillTrue asked under the debtor's monitor
     */
    void append(Debts.Debtor debtor, RoomId room, Kind kind, Function<EdgeRef, Command.OfRoom> command,
            BooleanSupplier stillTrue) {
        var isPlaceLeft = false;
        synchronized (debtor) {
            if (!stillTrue.getAsBoolean()) return; // it must not take the place of what is
            var key = new Key(room, kind);
            var debt = debtor.debts().find(key);
            if (debt != null) { // whoever is at it finds this next
                debt.command = command;
                debt.stillTrue = stillTrue;
                debt.version++;
                return;
            }
            open.incrementAndGet();
            debt = new Debt(debtor, key, command, stillTrue);
            debtor.debts().add(debt);
            isPlaceLeft = takePlace(debt) && !send(debt);
        }
        if (isPlaceLeft) passPlaceOn();
    }

    /** Whether there is a place for it in the command log; otherwise it waits, and is attempted when it is given one. */
    private boolean takePlace(Debt debt) {
        if (wanted.incrementAndGet() <= AT_ONCE) return true;
        waiting.add(debt);
        return false;
    }

    /** Gives a place to the next that waits, until one keeps it. Called without a monitor. */
    private void passPlaceOn() {
        while (wanted.decrementAndGet() >= AT_ONCE) {
            var next = waiting.poll();
            while (next == null) { // it is counted, and is added in the next moment
                Thread.onSpinWait();
                next = waiting.poll();
            }
            if (attempt(next)) return;
        }
    }

    /** Appends it, if it is still true; false when it does not need its place. */
    private boolean attempt(Debt debt) {
        synchronized (debt.debtor) {
            if (debt.stillTrue.getAsBoolean()) return send(debt);
            settle(debt);
            return false;
        }
    }

    /** Under the debtor's monitor. */
    private boolean send(Debt debt) {
        var version = debt.version;
        var taken = commands.append(debt.command.apply(identity.current()), COMMAND_BYTES,
                unknown -> ended(debt, version, unknown));
        if (!taken) tryLater(debt);
        return taken;
    }

    private void ended(Debt debt, int version, @Nullable Exception unknown) {
        if (!isAppendedAgain(debt, version, unknown)) passPlaceOn();
    }

    private boolean isAppendedAgain(Debt debt, int version, @Nullable Exception unknown) {
        synchronized (debt.debtor) {
            if (unknown != null) {
                tryLater(debt);
                return false;
            }
            if (debt.version == version) {
                settle(debt);
                return false;
            }
            debt.failures = 0; // something else has become true meanwhile
            return attempt(debt);
        }
    }

    private void settle(Debt debt) {
        open.decrementAndGet();
        debt.debtor.debts().remove(debt);
    }

    private void tryLater(Debt debt) {
        if (commands.isClosed()) {
            settle(debt); // the edge ends: routers miss its heartbeats and let its members leave
            return;
        }
        later.run(backoff.delay(debt.failures++, random), () -> {
            if (takePlace(debt) && !attempt(debt)) passPlaceOn();
        });
    }
}
