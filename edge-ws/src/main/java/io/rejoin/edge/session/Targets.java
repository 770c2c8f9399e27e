package io.rejoin.edge.session;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.ErrorCode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which room a frame means, and whether its client may do there what it asks for; where not, null, and it is told why. */
final class Targets {
    private Targets() {}

    /** A room that the client may join. */
    static @Nullable RoomId joinable(Session session, ClientFrame.Join join) {
        var room = valid(session, join.room(), join.id());
        if (room == null || session.principal().mayJoin(room)) return room;
        session.fail(join.id(), join.room(), ErrorCode.FORBIDDEN,
                room.isPersonal() ? notYours() : "the token does not grant this room");
        return null;
    }

    /** A room that the connection is in: the one that is named, or the only one. The personal room has to be named. */
    static @Nullable RoomId joined(Session session, @Nullable String name, @Nullable String frameId) {
        if (name == null) return onlyRoom(session, frameId);
        var room = valid(session, name, frameId);
        if (room == null || session.membership(room) != null) return room;
        if (room.isPersonal() && !session.principal().mayJoin(room))
            session.fail(frameId, name, ErrorCode.FORBIDDEN, notYours());
        else
            session.fail(frameId, name, ErrorCode.NOT_JOINED, "join the room first");
        return null;
    }

    /** Where a message goes: to a room that the connection is in, or directly to a user. */
    static @Nullable RoomId ofMessage(Session session, ClientFrame.Message message) {
        if (message.to() != null) return personal(session, message.to(), message.id());
        var name = message.room();
        if (name == null) return onlyRoom(session, message.id());
        var room = valid(session, name, message.id());
        if (room == null) return null;
        return room.isPersonal()
                ? personal(session, room.owner().name(), message.id())
                : joined(session, name, message.id());
    }

    static @Nullable RoomId valid(Session session, String name, @Nullable String frameId) {
        try {
            return session.room(name);
        } catch (IllegalArgumentException e) {
            session.fail(frameId, null, ErrorCode.INVALID_ROOM, Objects.requireNonNull(e.getMessage()));
            return null;
        }
    }

    private static @Nullable RoomId personal(Session session, String user, @Nullable String frameId) {
        try {
            var room = RoomId.personal(new UserId(session.user().tenant(), user));
            if (session.principal().mayWriteTo(room)) return room;
            session.fail(frameId, room.name(), ErrorCode.FORBIDDEN,
                    "the token does not grant direct messages to this user: its rooms would have to include \""
                            + room.name() + "\"");
        } catch (IllegalArgumentException e) {
            session.fail(frameId, null, ErrorCode.INVALID_USER, Objects.requireNonNull(e.getMessage()));
        }
        return null;
    }

    private static @Nullable RoomId onlyRoom(Session session, @Nullable String frameId) {
        var joined = session.sharedRooms();
        if (joined.size() == 1) return joined.getFirst();
        session.fail(frameId, null, ErrorCode.NOT_JOINED, joined.isEmpty()
                ? "join a room first"
                : "this connection is in " + joined.size() + " rooms: say which, in \"room\"");
        return null;
    }

    private static String notYours() {
        return "a personal room is for its user alone; send direct messages there with \"to\"";
    }
}
