package io.rejoin.edge.session;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.fanout.Backoff;
import io.rejoin.edge.fanout.EdgeIdentity;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the routers must learn for certain: appended, and appended again with growing pauses, until it is durable or no
 * longer true. Whether it is true and its append are one step under the session's monitor, so that the log never holds a
 * member's coming after its going, nor the other way round.
 *
 * <p>A session owes one thing of a kind for a room at most: what is to be told later takes the place of what was not told yet.
 */
final class Owed {
    /** About how large the JSON of a command without content is. */
    static final int COMMAND_BYTES = 300;

    /** What it is about; the latest of each counts. */
    enum Kind {
        /** Whether the connection is in the room. */
        MEMBERSHIP,
        /** Who else is. */
        PRESENCE
    }

    private record Key(RoomId room, Kind kind) {}

    /** Guarded by its session's monitor. */
    private static final class Debt {
        final Session session;
        final Key key;
        Function<EdgeRef, Command.OfRoom> command;
        BooleanSupplier stillTrue;
        int version;
        int failures;

        Debt(Session session, Key key, Function<EdgeRef, Command.OfRoom> command, BooleanSupplier stillTrue) {
            this.session = session;
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
    /** Each map is changed under its session's monitor only; none is empty for longer than that is held. */
    private final ConcurrentMap<Session, Map<Key, Debt>> debts = new ConcurrentHashMap<>();

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

    /** How many of a session's are not. */
    int count(Session session) {
        synchronized (session) {
            var own = debts.get(session);
            return own == null ? 0 : own.size();
        }
    }

    /**
     * Begins to append, or sees to it that this is appended instead of what was to be; returns at once.
     *
     * @param command   the command in the edge's incarnation of that moment
     * @param stillTrue asked under the session's monitor
     */
    void append(Session session, RoomId room, Kind kind, Function<EdgeRef, Command.OfRoom> command,
            BooleanSupplier stillTrue) {
        synchronized (session) {
            if (!stillTrue.getAsBoolean()) return; // it must not take the place of what is
            var key = new Key(room, kind);
            var own = debts.computeIfAbsent(session, _ -> new HashMap<>());
            var debt = own.get(key);
            if (debt != null) { // whoever is at it finds this next
                debt.command = command;
                debt.stillTrue = stillTrue;
                debt.version++;
                return;
            }
            open.incrementAndGet();
            debt = new Debt(session, key, command, stillTrue);
            own.put(key, debt);
            send(debt);
        }
    }

    private void attempt(Debt debt) {
        synchronized (debt.session) {
            if (!debt.stillTrue.getAsBoolean()) settle(debt);
            else
                send(debt);
        }
    }

    private void send(Debt debt) {
        synchronized (debt.session) {
            var version = debt.version;
            var taken = commands.append(debt.command.apply(identity.current()), COMMAND_BYTES,
                    unknown -> ended(debt, version, unknown));
            if (!taken) later(debt);
        }
    }

    private void ended(Debt debt, int version, @Nullable Exception unknown) {
        synchronized (debt.session) {
            if (unknown != null) {
                later(debt);
            } else if (debt.version == version) {
                settle(debt);
            } else { // something else has become true meanwhile
                debt.failures = 0;
                attempt(debt);
            }
        }
    }

    private void settle(Debt debt) {
        open.decrementAndGet();
        debts.computeIfPresent(debt.session, (_, own) -> {
            own.remove(debt.key);
            return own.isEmpty() ? null : own;
        });
    }

    private void later(Debt debt) {
        if (commands.isClosed()) {
            settle(debt); // the edge ends: routers miss its heartbeats and let its members leave
            return;
        }
        later.run(backoff.delay(debt.failures++, random), () -> attempt(debt));
    }
}
