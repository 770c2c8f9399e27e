package io.rejoin.edge.session;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.CommandLog;
import io.rejoin.edge.fanout.Backoff;
import io.rejoin.edge.fanout.EdgeIdentity;
import io.rejoin.edge.fanout.Membership;
import io.rejoin.edge.fanout.Rooms;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who of this edge is in which room, and the commands that say so. What the routers must learn for certain (that a member
 * left, that it is here in a new incarnation) is appended again until it is durable, as long as it is still true.
 */
public final class Memberships {
    private static final int COMMAND_BYTES = 300;
    private static final String UNKNOWN = "it is not known whether this was done; repeating it is safe";
    private static final String FULL = "this server has more to do than it can; nothing was done";

    private final CommandLog commands;
    private final EdgeIdentity identity;
    private final Rooms rooms;
    private final RandomGenerator random;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    public Memberships(CommandLog commands, EdgeIdentity identity, Rooms rooms, RandomGenerator random) {
        this.commands = commands;
        this.identity = identity;
        this.rooms = rooms;
        this.random = random;
    }

    /** A client wants to be in a room. Joining one it is in already begins anew, from where the client says. */
    void join(Session session, ClientFrame.Join frame) {
        var room = session.room(frame.room());
        var before = session.remove(room);
        if (before != null) rooms.leave(before);
        var membership = new Membership(room, session, session.user().name(), session.nextRequest(), frame.id(),
                frame.after(), frame.epoch());
        if (!session.add(membership)) return;
        var taken = commands.append(joinCommand(session, membership, identity.current()), COMMAND_BYTES, unknown -> {
            if (unknown != null) giveUp(session, membership, frame, ErrorCode.TIMEOUT, UNKNOWN);
        });
        if (!taken) giveUp(session, membership, frame, ErrorCode.OVERLOADED, FULL);
    }

    /** A client no longer wants to be in a room. */
    void leave(Session session, ClientFrame.Leave frame) {
        var room = session.room(frame.room());
        var membership = session.remove(room);
        if (membership == null) {
            session.fail(frame.id(), frame.room(), ErrorCode.NOT_JOINED, "this connection is not in that room");
            return;
        }
        rooms.leave(membership);
        leave(session, room, () -> session.reply(new ServerFrame.LeaveAck(frame.room(), frame.id())));
    }

    /** Asks who is in a room; the answer reaches the session by the way of deliveries. */
    void list(Session session, RoomId room, @Nullable String frameId) {
        var request = session.nextRequest();
        var taken = session.asked(request, frameId) && commands.append(
                new Command.ListMembers(room, session.id(), identity.current(), request), COMMAND_BYTES, unknown -> {
                    if (unknown != null && session.withdraw(request) != null) {
                        session.fail(frameId, room.name(), ErrorCode.UNAVAILABLE, "the question could not be put");
                    }
                });
        if (taken) return;
        session.withdraw(request);
        session.fail(frameId, room.name(), ErrorCode.OVERLOADED, FULL);
    }

    /** The connection is gone. */
    void leaveAll(Session session) {
        for (var membership : session.end()) {
            rooms.leave(membership);
            leave(session, membership.room(), () -> {});
        }
    }

    /** The edge has a new incarnation: every member of the session joins again, without its client's knowing. */
    void rejoinAll(Session session, EdgeRef incarnation) {
        for (var membership : session.memberships()) {
            var request = session.nextRequest();
            membership.request(request);
            appendUntilDurable(joinCommand(session, membership, incarnation),
                    () -> session.membership(membership.room()) == membership && membership.request() == request,
                    () -> {}, 0);
        }
    }

    private static Command.Join joinCommand(Session session, Membership membership, EdgeRef edge) {
        return new Command.Join(membership.room(), session.user(), session.id(), edge, membership.request());
    }

    private void giveUp(Session session, Membership membership, ClientFrame.Join frame, ErrorCode code, String why) {
        if (session.membership(membership.room()) != membership) return;
        session.remove(membership.room());
        rooms.leave(membership);
        leave(session, membership.room(), () -> session.fail(frame.id(), frame.room(), code, why));
    }

    private void leave(Session session, RoomId room, Runnable durable) {
        var command = new Command.Leave(room, session.id(), identity.current());
        appendUntilDurable(command, () -> session.membership(room) == null, durable, 0);
    }

    /** Appends, and appends again, with growing pauses, until it is durable or no longer true. */
    private void appendUntilDurable(Command.OfRoom command, BooleanSupplier stillTrue, Runnable durable, int attempt) {
        if (!stillTrue.getAsBoolean()) return;
        var taken = commands.append(command, COMMAND_BYTES, unknown -> {
            if (unknown == null) durable.run();
            else later(command, stillTrue, durable, attempt);
        });
        if (!taken && !commands.isClosed()) later(command, stillTrue, durable, attempt);
    }

    private void later(Command.OfRoom command, BooleanSupplier stillTrue, Runnable durable, int attempt) {
        Thread.ofVirtual().name("append-again").start(() -> {
            try {
                Thread.sleep(backoff.delay(attempt, random));
                appendUntilDurable(command, stillTrue, durable, attempt + 1);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
