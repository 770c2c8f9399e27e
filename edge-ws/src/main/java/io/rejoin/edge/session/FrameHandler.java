package io.rejoin.edge.session;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.MalformedFrameException;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.fanout.EdgeIdentity;
import java.time.Clock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a client's frame asks for: checks it, and turns it into a command or an answer. */
public final class FrameHandler {
    private final Commands commands;
    private final Memberships memberships;
    private final EdgeIdentity identity;
    private final Clock clock;
    private final int roomsPerConnection;

    public FrameHandler(Commands commands, Memberships memberships, EdgeIdentity identity, Clock clock,
            int roomsPerConnection) {
        this.commands = commands;
        this.memberships = memberships;
        this.identity = identity;
        this.clock = clock;
        this.roomsPerConnection = roomsPerConnection;
    }

    /** Handles a text message of the socket, on its reading thread. */
    void handle(Session session, String text) {
        try {
            handle(session, FrameCodec.decode(text), text.length());
        } catch (MalformedFrameException e) {
            session.fail(e.id(), null, e.code(), Objects.requireNonNull(e.getMessage()));
        }
    }

    private void handle(Session session, ClientFrame frame, int length) {
        switch (frame) {
            case ClientFrame.Join join -> join(session, join);
            case ClientFrame.Leave leave -> {
                if (isValid(session, leave.room(), leave.id())) memberships.leave(session, leave);
            }
            case ClientFrame.Message message -> post(session, message, length);
            case ClientFrame.Presence presence -> {
                var room = joinedRoom(session, presence.room(), presence.id());
                if (room != null) memberships.list(session, room, presence.id());
            }
            case ClientFrame.Ping ping -> session.reply(
                    new ServerFrame.Pong(ping.id(), Objects.requireNonNullElseGet(ping.ts(), clock::millis)));
        }
    }

    /** Joins, if the room may be joined; also for the room that a URL names. */
    void join(Session session, ClientFrame.Join join) {
        if (!isValid(session, join.room(), join.id())) return;
        if (!session.principal().grants().permits(join.room())) {
            session.fail(join.id(), join.room(), ErrorCode.FORBIDDEN, "the token does not grant this room");
        } else if (session.memberships().size() >= roomsPerConnection
                && session.membership(session.room(join.room())) == null) {
            session.fail(join.id(), join.room(), ErrorCode.TOO_MANY_ROOMS,
                    "a connection may be in " + roomsPerConnection + " rooms; leave one first");
        } else {
            memberships.join(session, join);
        }
    }

    private void post(Session session, ClientFrame.Message message, int length) {
        var room = joinedRoom(session, message.room(), message.id());
        if (room == null) return;
        if (!session.posts().begin(room.name(), message.id())) {
            session.fail(message.id(), room.name(), ErrorCode.UNAVAILABLE,
                    "this server is going away: reconnect and post again; the message was not posted");
            return;
        }
        var command = new Command.Post(room, session.user(), session.id(), identity.current(), message.id(),
                message.content());
        var taken = commands.append(command, 300 + length, unknown -> {
            if (unknown != null) {
                session.posts().end(room.name(), message.id());
                session.fail(message.id(), room.name(), ErrorCode.TIMEOUT, message.id() == null
                        ? "it is not known whether the message was posted; give messages an id to repeat them safely"
                        : "it is not known whether the message was posted; post it again under the same id");
            }
        });
        if (!taken) {
            session.posts().end(room.name(), message.id());
            session.fail(message.id(), room.name(), ErrorCode.OVERLOADED,
                    "this server has more to do than it can; the message was not posted");
        }
    }

    /** The room a frame means: the one it names, or the only one the connection is in. */
    private static @Nullable RoomId joinedRoom(Session session, @Nullable String name, @Nullable String frameId) {
        if (name == null) {
            var joined = session.memberships();
            if (joined.size() == 1) return joined.getFirst().room();
            session.fail(frameId, null, ErrorCode.NOT_JOINED, joined.isEmpty()
                    ? "join a room first"
                    : "this connection is in " + joined.size() + " rooms: say which, in \"room\"");
            return null;
        }
        if (!isValid(session, name, frameId)) return null;
        var room = session.room(name);
        if (session.membership(room) != null) return room;
        session.fail(frameId, name, ErrorCode.NOT_JOINED, "join the room first");
        return null;
    }

    private static boolean isValid(Session session, String room, @Nullable String frameId) {
        try {
            var _ = session.room(room);
            return true;
        } catch (IllegalArgumentException e) {
            session.fail(frameId, null, ErrorCode.INVALID_ROOM, Objects.requireNonNull(e.getMessage()));
            return false;
        }
    }
}
