package io.rejoin.edge.session;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.fanout.Backoff;
import io.rejoin.edge.fanout.EdgeIdentity;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * What the routers must learn for certain: appended, and appended again with growing pauses, until it is durable or no
 * longer true. Whether it is true and its append are one step under the session's monitor, so that the log never holds a
 * member's coming after its going, nor the other way round.
 */
final class Owed {
    /** About how large the JSON of a command without content is. */
    static final int COMMAND_BYTES = 300;

    private final Commands commands;
    private final EdgeIdentity identity;
    private final RandomGenerator random;
    private final Later later;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
    private final AtomicInteger open = new AtomicInteger();

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

    /**
     * Begins to append; returns at once.
     *
     * @param command   the command in the edge's incarnation of that moment
     * @param stillTrue asked under the session's monitor
     */
    void append(Session session, Function<EdgeRef, Command.OfRoom> command, BooleanSupplier stillTrue) {
        open.incrementAndGet();
        attempt(session, command, stillTrue, 0);
    }

    private void attempt(Session session, Function<EdgeRef, Command.OfRoom> command, BooleanSupplier stillTrue, int n) {
        var taken = session.atomically(() -> {
            if (!stillTrue.getAsBoolean()) {
                open.decrementAndGet();
                return true;
            }
            return commands.append(command.apply(identity.current()), COMMAND_BYTES, unknown -> {
                if (unknown == null) open.decrementAndGet();
                else
                    later(session, command, stillTrue, n);
            });
        });
        if (!taken) later(session, command, stillTrue, n);
    }

    private void later(Session session, Function<EdgeRef, Command.OfRoom> command, BooleanSupplier stillTrue, int n) {
        if (commands.isClosed()) {
            open.decrementAndGet(); // the edge ends: routers miss its heartbeats and let its members leave
            return;
        }
        later.run(backoff.delay(n, random), () -> attempt(session, command, stillTrue, n + 1));
    }
}
