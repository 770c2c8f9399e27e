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
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.room.Membership;
import java.time.Duration;
import java.util.ArrayList;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Tracks which connections of this edge are in which rooms, and appends their join and leave commands. Frames of one
 * session are handled one after another. Streams from routers, the command log and retries may call at any time.
 */
public final class Memberships {
    private static final String UNKNOWN_OUTCOME = "it is not known whether the join was stored;"
            + " it is safe to send it again";

    /** How many commands of one connection may wait to become durable. With more, the connection cannot join a room. */
    private static final int MAX_PENDING = 256;
    private static final String TOO_MANY_PENDING = MAX_PENDING
            + " joins and leaves of this connection are not durable yet; nothing was done";

    private final Commands commands;
    private final EdgeIdentity identity;
    private final LocalRooms rooms;
    private final PendingCommands pendingCommands;
    private final GracePeriods gracePeriods;

    /** @param grace how long a broken connection stays listed in its rooms; zero removes the connection at once */
    public Memberships(Commands commands, EdgeIdentity identity, LocalRooms rooms, RandomGenerator random,
            Duration grace) {
        this(commands, identity, rooms, random, grace, DelayedTasks::onVirtualThread);
    }

    /** Creates an instance with another way to wait for retries and for the grace period, such as a simulation's. */
    public Memberships(Commands commands, EdgeIdentity identity, LocalRooms rooms, RandomGenerator random,
            Duration grace, DelayedTasks delayedTasks) {
        this.commands = commands;
        this.identity = identity;
        this.rooms = rooms;
        this.pendingCommands = new PendingCommands(commands, identity, random, delayedTasks);
        this.gracePeriods = new GracePeriods(grace, delayedTasks, this::leaveRooms);
    }

    /** How many commands of the edge's members are not durable yet. */
    public int pendingCommands() {
        return pendingCommands.count();
    }

    /**
     * Joins a room. If the connection is in the room already, the join starts anew, from the client's position. A
     * repeated join whose answer is pending sends no command, so that impatient clients do not feed an overload.
     */
    void join(Session session, ClientFrame.Join frame) {
        var room = RoomAccess.resolve(session.user(), frame.room());
        if (pendingCommands.count(session) >= MAX_PENDING) { // each join may need a leave later, which is pending too
            session.fail(frame.id(), room.name(), ErrorCode.OVERLOADED, TOO_MANY_PENDING);
            return;
        }
        var waiting = session.membership(room);
        if (waiting != null && rooms.addIfSameJoin(waiting, frame)) return; // one answer will do for both
        var previous = session.remove(room);
        if (previous != null)
            end(session, previous, "a later join of this room, from another position, replaced this one");
        var request = session.nextRequest();
        var membership = new Membership(room, session, session.user().name(), request, frame.id(), frame.after(),
                frame.epoch());
        // One step: a new incarnation of the edge either finds the membership, or the join is sent under it.
        var isAccepted = session.atomically(() -> !session.add(membership)
                || commands.append(join(session, membership, request, identity.current()),
                        PendingCommands.COMMAND_BYTES,
                        failure -> {
                            if (failure != null)
                                cancelJoin(session, membership, request, ErrorCode.TIMEOUT, UNKNOWN_OUTCOME);
                        }));
        if (isAccepted) return;
        if (previous == null) cancelJoin(session, membership, request, ErrorCode.OVERLOADED, Session.QUEUE_FULL);
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
        var room = RoomAccess.resolve(session.user(), frame.room());
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
        for (var id : membership.removeUnanswered())
            session.fail(id, membership.room().name(), ErrorCode.NOT_JOINED, why);
    }

    /** Leaves the rooms that a new token does not grant, and reports each of them to the client. */
    void leaveForbidden(Session session) {
        for (var membership : session.memberships()) {
            var room = membership.room();
            if (session.principal().mayJoin(room) || !session.remove(room, membership)) continue;
            rooms.leave(membership);
            for (var id : membership.removeUnanswered())
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
    void startGracePeriod(Session session) {
        var listedRooms = new ArrayList<RoomId>();
        for (var membership : session.end()) {
            rooms.leave(membership);
            if (membership.room().isPersonal()) appendLeave(session, membership.room());
            else
                listedRooms.add(membership.room());
        }
        gracePeriods.add(new GracePeriods.BrokenConnection(session.id(), listedRooms));
    }

    /** Whether a connection of this edge is in the room. */
    boolean hasMember(RoomId room) {
        return rooms.hasMember(room);
    }

    /** How many broken connections are still listed in their rooms. */
    public int brokenConnections() {
        return gracePeriods.count();
    }

    /** Lets all broken connections leave their rooms now. */
    public void endGracePeriods() {
        gracePeriods.endAll();
    }

    /**
     * Joins all rooms of a session again, under the edge's new incarnation and without a request from the client. Fails
     * the session's pending requests.
     */
    void rejoinAll(Session session) {
        for (var membership : session.memberships()) {
            var request = session.nextRequest();
            membership.setRequest(request);
            appendJoin(session, membership, request);
        }
        session.failPendingRequests();
    }

    /** Asks the routers for the members of a room. The answer reaches the session as a delivery. */
    void requestMemberList(Session session, RoomId room, @Nullable FrameId frameId) {
        var request = session.nextRequest();
        session.sendRequest(request, room, frameId,
                () -> commands.append(listMembers(session, room, request, identity.current()),
                        PendingCommands.COMMAND_BYTES, failure -> {
                            if (failure != null && session.cancelRequest(request))
                                session.fail(frameId, room.name(), ErrorCode.UNAVAILABLE,
                                        "the request may be lost; send it again");
                        }));
    }

    /**
     * Asks for the members of a room on the client's behalf. The answer to an earlier such request no longer counts.
     */
    void refreshPresence(Session session, Membership membership) {
        var room = membership.room();
        var request = session.nextRequest();
        membership.setListRequest(request);
        pendingCommands.append(session, room, PendingCommands.Kind.PRESENCE,
                edge -> listMembers(session, room, request, edge),
                () -> session.membership(room) == membership && membership.listRequest() == request);
    }

    private static Command.Join join(Session session, Membership membership, long request, EdgeRef edge) {
        return new Command.Join(membership.room(), session.user(), session.id(), edge, request);
    }

    private static Command.ListMembers listMembers(Session session, RoomId room, long request, EdgeRef edge) {
        return new Command.ListMembers(room, session.id(), edge, request);
    }

    private void cancelJoin(Session session, Membership membership, long request, ErrorCode code, String why) {
        if (!rooms.leaveIfJoining(membership, () -> session.remove(membership, request))) return; // it joined meanwhile
        var ids = membership.removeUnanswered();
        if (ids.isEmpty()) session.fail(null, membership.room().name(), code, why);
        for (var id : ids) session.fail(id, membership.room().name(), code, why);
        appendLeave(session, membership.room()); // this join or an earlier one may be in the log
    }

    private void appendJoin(Session session, Membership membership, long request) {
        pendingCommands.append(session, membership.room(), PendingCommands.Kind.MEMBERSHIP,
                edge -> join(session, membership, request, edge),
                () -> session.membership(membership.room()) == membership && membership.request() == request);
    }

    private void leaveRooms(GracePeriods.BrokenConnection broken) {
        for (var room : broken.rooms()) {
            pendingCommands.append(broken, room, PendingCommands.Kind.MEMBERSHIP,
                    edge -> new Command.Leave(room, broken.connection(), edge), () -> true);
        }
    }

    private void appendLeave(Session session, RoomId room) {
        pendingCommands.append(session, room, PendingCommands.Kind.MEMBERSHIP,
                edge -> new Command.Leave(room, session.id(), edge),
                () -> session.membership(room) == null);
    }
}
