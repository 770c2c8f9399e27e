package io.rejoin.edge.session;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.fanout.EdgeIdentity;
import io.rejoin.edge.fanout.Later;
import io.rejoin.edge.fanout.Membership;
import io.rejoin.edge.fanout.Rooms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who of this edge is in which room, and the commands that say so. Frames of one session come one after the other; the
 * streams from routers, the command log and retries may call at any time.
 */
public final class Memberships {
    private static final String UNKNOWN = "it is not known whether this was done; repeating it is safe";

    /** So much may one connection's comings and goings come to while they cannot be told; then it joins nothing. */
    private static final int MOST_OWED = 256;
    private static final String TOO_MANY_OWED = MOST_OWED
            + " comings and goings of this connection could not be told yet; nothing was done";

    private final Commands commands;
    private final EdgeIdentity identity;
    private final Rooms rooms;
    private final Owed owed;
    private final Departures departures;

    /** @param grace how long a connection that broke is still shown in its rooms; zero for not at all */
    public Memberships(Commands commands, EdgeIdentity identity, Rooms rooms, RandomGenerator random, Duration grace) {
        this(commands, identity, rooms, random, grace, Later::onVirtualThread);
    }

    /** With something else than threads to wait for the next attempt. */
    public Memberships(Commands commands, EdgeIdentity identity, Rooms rooms, RandomGenerator random, Duration grace,
            Later later) {
        this.commands = commands;
        this.identity = identity;
        this.rooms = rooms;
        this.owed = new Owed(commands, identity, random, later);
        this.departures = new Departures(grace, later, this::leaveRooms);
    }

    /** How many comings and goings the routers are still to learn of. */
    public int owed() {
        return owed.count();
    }

    /**
     * A client wants to be in a room. Joining one it is in already begins anew, from where the client says; asking for the same
     * again while the answer is on its way asks the routers nothing, so that impatience does not feed an overload.
     */
    void join(Session session, ClientFrame.Join frame) {
        var room = Targets.named(session.user(), frame.room());
        if (owed.count(session) >= MOST_OWED) { // each join may come to be a leave that is owed
            session.fail(frame.id(), room.name(), ErrorCode.OVERLOADED, TOO_MANY_OWED);
            return;
        }
        var waiting = session.membership(room);
        if (waiting != null && rooms.asksAgain(waiting, frame)) return; // the routers know: one answer will do
        var before = session.remove(room);
        if (before != null) end(session, before, "a later join of this room, from another place, took its place");
        var request = session.nextRequest();
        var membership = new Membership(room, session, session.user().name(), request, frame.id(), frame.after(),
                frame.epoch());
        // One step: a new incarnation of the edge either finds the membership or is the one it joins under.
        var taken = session.atomically(() -> !session.add(membership)
                || commands.append(join(session, membership, request, identity.current()), Owed.COMMAND_BYTES,
                        unknown -> {
                            if (unknown != null)
                                giveUp(session, membership, request, ErrorCode.TIMEOUT, UNKNOWN);
                        }));
        if (taken) return;
        if (before == null) giveUp(session, membership, request, ErrorCode.OVERLOADED, Session.FULL);
        else
            oweJoin(session, membership, request); // it cannot be said that nothing was done
    }

    /** What is sent to the session's user directly comes to it from now on, without its asking and without a word about it. */
    void joinPersonal(Session session) {
        var request = session.nextRequest();
        var membership = Membership.silent(session.user(), session, request);
        if (session.add(membership)) oweJoin(session, membership, request);
    }

    /** A client no longer wants to be in a room. From the answer on it is not, as far as this connection goes. */
    void leave(Session session, ClientFrame.Leave frame) {
        var room = Targets.named(session.user(), frame.room());
        var membership = session.remove(room);
        if (membership == null) {
            session.fail(frame.id(), room.name(), ErrorCode.NOT_JOINED, "this connection is not in that room");
            return;
        }
        end(session, membership, "the room was left before the join was done");
        session.reply(new ServerFrame.LeaveAck(room.name(), frame.id()));
        oweLeave(session, room);
    }

    /** Ends a membership that the session has no more. Joins that it was still to be answered for are answered now. */
    private void end(Session session, Membership membership, String why) {
        rooms.leave(membership);
        for (var id : membership.takeUnanswered())
            session.fail(id, membership.room().name(), ErrorCode.NOT_JOINED, why);
    }

    /** What the session's token grants has changed: it leaves the rooms that it may be in no longer, and is told so. */
    void leaveForbidden(Session session) {
        for (var membership : session.memberships()) {
            var room = membership.room();
            if (session.principal().mayJoin(room) || !session.remove(room, membership)) continue;
            rooms.leave(membership);
            for (var id : membership.takeUnanswered())
                session.fail(id, room.name(), ErrorCode.FORBIDDEN, "the new token does not grant this room");
            session.fail(null, room.name(), ErrorCode.FORBIDDEN,
                    "the new token does not grant this room: this connection has left it");
            oweLeave(session, room);
        }
    }

    /** The connection is gone, and its client has said goodbye. */
    void leaveAll(Session session) {
        for (var membership : session.end()) {
            rooms.leave(membership);
            oweLeave(session, membership.room());
        }
    }

    /**
     * The connection broke: its client may be back in a moment. Till then it is still shown in its rooms, but not in its user's
     * personal one, which shows nobody.
     */
    void lost(Session session) {
        var shown = new ArrayList<RoomId>();
        for (var membership : session.end()) {
            rooms.leave(membership);
            if (membership.room().isPersonal()) oweLeave(session, membership.room());
            else
                shown.add(membership.room());
        }
        departures.add(new Departures.Departed(session.id(), shown));
    }

    /** Whether a connection of this edge is in the room. */
    boolean isKnown(RoomId room) {
        return rooms.isKnown(room);
    }

    /** Connections that broke and are still shown in their rooms. */
    public int departing() {
        return departures.count();
    }

    /** Whoever broke leaves now. */
    public void departAll() {
        departures.departAll();
    }

    /** The edge has a new incarnation: every member of the session joins again, without its client's knowing. */
    void rejoinAll(Session session) {
        for (var membership : session.memberships()) {
            var request = session.nextRequest();
            membership.request(request);
            oweJoin(session, membership, request);
        }
        session.failQuestions();
    }

    /** Asks who is in a room; the answer reaches the session by the way of deliveries. */
    void list(Session session, RoomId room, @Nullable FrameId frameId) {
        var request = session.nextRequest();
        session.ask(request, room, frameId, () -> commands.append(question(session, room, request, identity.current()),
                Owed.COMMAND_BYTES, unknown -> {
                    if (unknown != null && session.withdraw(request))
                        session.fail(frameId, room.name(), ErrorCode.UNAVAILABLE, "the question could not be put");
                }));
    }

    /** Asks on the client's behalf; an answer to an earlier such question counts no longer. */
    void refreshPresence(Session session, Membership membership) {
        var room = membership.room();
        var request = session.nextRequest();
        membership.refresh(request);
        owed.append(session, room, Owed.Kind.PRESENCE, edge -> question(session, room, request, edge),
                () -> session.membership(room) == membership && membership.refresh() == request);
    }

    private static Command.Join join(Session session, Membership membership, long request, EdgeRef edge) {
        return new Command.Join(membership.room(), session.user(), session.id(), edge, request);
    }

    private static Command.ListMembers question(Session session, RoomId room, long request, EdgeRef edge) {
        return new Command.ListMembers(room, session.id(), edge, request);
    }

    private void giveUp(Session session, Membership membership, long request, ErrorCode code, String why) {
        if (!rooms.leaveIfJoining(membership, () -> session.remove(membership, request))) return; // it is in after all
        var ids = membership.takeUnanswered();
        if (ids.isEmpty()) session.fail(null, membership.room().name(), code, why);
        for (var id : ids) session.fail(id, membership.room().name(), code, why);
        oweLeave(session, membership.room()); // it may be in the log, or an earlier join is
    }

    private void oweJoin(Session session, Membership membership, long request) {
        owed.append(session, membership.room(), Owed.Kind.MEMBERSHIP, edge -> join(session, membership, request, edge),
                () -> session.membership(membership.room()) == membership && membership.request() == request);
    }

    private void leaveRooms(Departures.Departed departed) {
        for (var room : departed.rooms()) {
            owed.append(departed, room, Owed.Kind.MEMBERSHIP,
                    edge -> new Command.Leave(room, departed.connection(), edge), () -> true);
        }
    }

    private void oweLeave(Session session, RoomId room) {
        owed.append(session, room, Owed.Kind.MEMBERSHIP, edge -> new Command.Leave(room, session.id(), edge),
                () -> session.membership(room) == null);
    }
}
