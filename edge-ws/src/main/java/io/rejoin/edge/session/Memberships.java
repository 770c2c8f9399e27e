package io.rejoin.edge.session;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.fanout.DelayedTasks;
import io.rejoin.edge.fanout.EdgeIdentity;
import io.rejoin.edge.fanout.Membership;
import io.rejoin.edge.fanout.Rooms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Tracks which connections of this edge are in which rooms, and appends their join and leave commands. Frames of one
 * session are handled one after another. Streams from routers, the command log and retries may call at any time.
 */
public final class Memberships {
    private static final String UNKNOWN = "it is not known whether the join was stored; it is safe to send it again";

    /** How many commands of one connection may wait to become durable. With more, the connection cannot join a room. */
    private static final int MAX_PENDING = 256;
    private static final String TOO_MANY_OWED = MAX_PENDING
            + " joins and leaves of this connection are not durable yet; nothing was done";

    private final Commands commands;
    private final EdgeIdentity identity;
    private final Rooms rooms;
    private final PendingCommands pendingCommands;
    private final GracePeriods gracePeriods;

    /** @param grace how long a broken connection stays listed in its rooms; zero removes the connection at once */
    public Memberships(Commands commands, EdgeIdentity identity, Rooms rooms, RandomGenerator random, Duration grace) {
        this(commands, identity, rooms, random, grace, DelayedTasks::onVirtualThread);
    }

    /** Creates an instance with another way to wait for retries and for the grace period, such as a simulation's. */
    public Memberships(Commands commands, EdgeIdentity identity, Rooms rooms, RandomGenerator random, Duration grace,
            DelayedTasks later) {
        this.commands = commands;
        this.identity = identity;
        this.rooms = rooms;
        this.pendingCommands = new PendingCommands(commands, identity, random, later);
        this.gracePeriods = new GracePeriods(grace, later, this::leaveRooms);
    }

    /** How many commands of the edge's members are owed: they are not durable yet. */
    public int pendingCommands() {
        return pendingCommands.count();
    }

    /**
     * Joins a room. If the connection is in the room already, the join starts anew, from the client's position. A
     * repeated join whose answer is pending sends no command, so that impatient clients do not feed an overload.
     */
    void join(Session session, ClientFrame.Join frame) {
        var room = RoomAccess.named(session.user(), frame.room());
        if (pendingCommands.count(session) >= MAX_PENDING) { // each join may need a leave later, which is owed too
            session.fail(frame.id(), room.name(), ErrorCode.OVERLOADED, TOO_MANY_OWED);
            return;
        }
        var waiting = session.membership(room);
        if (waiting != null && rooms.asksAgain(waiting, frame)) return; // one answer will do for both
        var before = session.remove(room);
        if (before != null) end(session, before, "a later join of this room, from another position, replaced this one");
        var request = session.nextRequest();
        var membership = new Membership(room, session, session.user().name(), request, frame.id(), frame.after(),
                frame.epoch());
        // One step: a new incarnation of the edge either finds the membership, or the join is sent under it.
        var taken = session.atomically(() -> !session.add(membership)
                || commands.append(join(session, membership, request, identity.current()),
                        PendingCommands.COMMAND_BYTES,
                        unknown -> {
                            if (unknown != null)
                                giveUp(session, membership, request, ErrorCode.TIMEOUT, UNKNOWN);
                        }));
        if (taken) return;
        if (before == null) giveUp(session, membership, request, ErrorCode.OVERLOADED, Session.FULL);
        else
            appendJoin(session, membership, request); // "nothing was done" would be wrong
    }

    /**
     * Joins the personal room of the session's user, without a request and without an answer. From now on the
     * connection gets the user's direct messages.
     */
    void joinPersonal(Session session) {
        var request = session.nextRequest();
        var membership = Membership.silent(session.user(), session, request);
        if (session.add(membership)) appendJoin(session, membership, request);
    }

    /**
     * Leaves a room. Once the client has the answer, this connection is out of the room, even if routers do not know
     * that yet.
     */
    void leave(Session session, ClientFrame.Leave frame) {
        var room = RoomAccess.named(session.user(), frame.room());
        var membership = session.remove(room);
        if (membership == null) {
            session.fail(frame.id(), room.name(), ErrorCode.NOT_JOINED, "this connection is not in that room");
            return;
        }
        end(session, membership, "this connection left the room before the join was done");
        session.reply(new ServerFrame.LeaveAck(room.name(), frame.id()));
        appendLeave(session, room);
    }

    /** Ends a membership that was removed from its session. Fails its joins that have no answer yet. */
    private void end(Session session, Membership membership, String why) {
        rooms.leave(membership);
        for (var id : membership.takeUnanswered())
            session.fail(id, membership.room().name(), ErrorCode.NOT_JOINED, why);
    }

    /** Leaves the rooms that a new token does not grant, and reports each of them to the client. */
    void leaveForbidden(Session session) {
        for (var membership : session.memberships()) {
            var room = membership.room();
            if (session.principal().mayJoin(room) || !session.remove(room, membership)) continue;
            rooms.leave(membership);
            for (var id : membership.takeUnanswered())
                session.fail(id, room.name(), ErrorCode.FORBIDDEN, "the new token does not grant this room");
            session.fail(null, room.name(), ErrorCode.FORBIDDEN,
                    "the new token does not grant this room: this connection has left it");
            appendLeave(session, room);
        }
    }

    /** Leaves all rooms: the connection has ended, and its client will not come back. */
    void leaveAll(Session session) {
        for (var membership : session.end()) {
            rooms.leave(membership);
            appendLeave(session, membership.room());
        }
    }

    /**
     * Handles a broken connection, whose client may soon come back. The connection stays listed in its rooms for the
     * grace period. It leaves the personal room of its user at once, because nobody is listed there.
     */
    void lost(Session session) {
        var shown = new ArrayList<RoomId>();
        for (var membership : session.end()) {
            rooms.leave(membership);
            if (membership.room().isPersonal()) appendLeave(session, membership.room());
            else
                shown.add(membership.room());
        }
        gracePeriods.add(new GracePeriods.BrokenConnection(session.id(), shown));
    }

    /** Whether a connection of this edge is in the room. */
    boolean isKnown(RoomId room) {
        return rooms.isKnown(room);
    }

    /** How many broken connections are still listed in their rooms. */
    public int departing() {
        return gracePeriods.count();
    }

    /** Lets all broken connections leave their rooms now. */
    public void departAll() {
        gracePeriods.departAll();
    }

    /**
     * Joins all rooms of a session again, under the edge's new incarnation and without a request from the client. Fails
     * the session's open questions.
     */
    void rejoinAll(Session session) {
        for (var membership : session.memberships()) {
            var request = session.nextRequest();
            membership.request(request);
            appendJoin(session, membership, request);
        }
        session.failQuestions();
    }

    /** Asks the routers for the members of a room. The answer reaches the session as a delivery. */
    void list(Session session, RoomId room, @Nullable FrameId frameId) {
        var request = session.nextRequest();
        session.ask(request, room, frameId,
                () -> commands.append(pendingRequest(session, room, request, identity.current()),
                        PendingCommands.COMMAND_BYTES, unknown -> {
                            if (unknown != null && session.withdraw(request))
                                session.fail(frameId, room.name(), ErrorCode.UNAVAILABLE,
                                        "the request may be lost; send it again");
                        }));
    }

    /**
     * Asks for the members of a room on the client's behalf. The answer to an earlier such question no longer counts.
     */
    void refreshPresence(Session session, Membership membership) {
        var room = membership.room();
        var request = session.nextRequest();
        membership.refresh(request);
        pendingCommands.append(session, room, PendingCommands.Kind.PRESENCE,
                edge -> pendingRequest(session, room, request, edge),
                () -> session.membership(room) == membership && membership.refresh() == request);
    }

    private static Command.Join join(Session session, Membership membership, long request, EdgeRef edge) {
        return new Command.Join(membership.room(), session.user(), session.id(), edge, request);
    }

    private static Command.ListMembers pendingRequest(Session session, RoomId room, long request, EdgeRef edge) {
        return new Command.ListMembers(room, session.id(), edge, request);
    }

    private void giveUp(Session session, Membership membership, long request, ErrorCode code, String why) {
        if (!rooms.leaveIfJoining(membership, () -> session.remove(membership, request))) return; // it joined meanwhile
        var ids = membership.takeUnanswered();
        if (ids.isEmpty()) session.fail(null, membership.room().name(), code, why);
        for (var id : ids) session.fail(id, membership.room().name(), code, why);
        appendLeave(session, membership.room()); // this join or an earlier one may be in the log
    }

    private void appendJoin(Session session, Membership membership, long request) {
        pendingCommands.append(session, membership.room(), PendingCommands.Kind.MEMBERSHIP,
                edge -> join(session, membership, request, edge),
                () -> session.membership(membership.room()) == membership && membership.request() == request);
    }

    private void leaveRooms(GracePeriods.BrokenConnection departed) {
        for (var room : departed.rooms()) {
            pendingCommands.append(departed, room, PendingCommands.Kind.MEMBERSHIP,
                    edge -> new Command.Leave(room, departed.connection(), edge), () -> true);
        }
    }

    private void appendLeave(Session session, RoomId room) {
        pendingCommands.append(session, room, PendingCommands.Kind.MEMBERSHIP,
                edge -> new Command.Leave(room, session.id(), edge),
                () -> session.membership(room) == null);
    }
}
