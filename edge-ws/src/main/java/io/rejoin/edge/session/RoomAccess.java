package io.rejoin.edge.session;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.edge.auth.NameRules;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds the room that a frame names, and checks what its client may do there. If a check fails, a method reports the
 * reason to the client and returns null.
 */
final class RoomAccess {
    private static final String PERSONAL_PREFIX = "@";
    /** The name by which every client can refer to the personal room of its own user. */
    private static final String OWN_ROOM = "@me";

    private RoomAccess() {}

    /**
     * The room that a user means by a name.
     *
     * @throws IllegalArgumentException when the name is invalid; the message may be shown to the client
     */
    static RoomId resolve(UserId user, String name) {
        if (name.equals(OWN_ROOM)) return RoomId.personal(user);
        if (name.startsWith(PERSONAL_PREFIX) && name.substring(PERSONAL_PREFIX.length()).isBlank())
            throw new IllegalArgumentException("a personal room is \"@\" and a user's name; \"@me\" is your own");
        return new RoomId(user.tenant(), NameRules.normalizeRoom(name));
    }

    /** The room of a join, if the client may join it. */
    static @Nullable RoomId joinableRoom(Session session, ClientFrame.Join join) {
        var room = validRoom(session, join.room(), join.id());
        if (room == null || session.principal().mayJoin(room)) return room;
        session.fail(join.id(), room.name(), ErrorCode.FORBIDDEN,
                room.isPersonal() ? personalRoomRefusal() : "the token does not grant this room");
        return null;
    }

    /** A room that the connection is in: the named one, or else its only one. A personal room must be named. */
    static @Nullable RoomId joinedRoom(Session session, @Nullable String name, @Nullable FrameId frameId) {
        if (name == null) return onlyRoom(session, frameId);
        var room = validRoom(session, name, frameId);
        return room == null ? null : joinedRoom(session, room, frameId);
    }

    private static @Nullable RoomId joinedRoom(Session session, RoomId room, @Nullable FrameId frameId) {
        if (session.membership(room) != null) return room;
        if (room.isPersonal() && !session.principal().mayJoin(room))
            session.fail(frameId, room.name(), ErrorCode.FORBIDDEN, personalRoomRefusal());
        else
            session.fail(frameId, room.name(), ErrorCode.NOT_JOINED, "join the room first");
        return null;
    }

    /** The room that a message goes to: a room that the connection is in, or the personal room of a user. */
    static @Nullable RoomId roomOfMessage(Session session, ClientFrame.Message message) {
        if (message.to() != null) return personalRoomOf(session, message.to(), message.id());
        if (message.room() == null) return onlyRoom(session, message.id());
        var room = validRoom(session, message.room(), message.id());
        if (room == null) return null;
        return room.isPersonal() ? writableRoom(session, room, message.id()) : joinedRoom(session, room, message.id());
    }

    static @Nullable RoomId validRoom(Session session, String name, @Nullable FrameId frameId) {
        try {
            return resolve(session.user(), name);
        } catch (IllegalArgumentException e) {
            session.fail(frameId, null, ErrorCode.INVALID_ROOM, Objects.requireNonNull(e.getMessage()));
            return null;
        }
    }

    /** The personal room of the user with that name. */
    private static @Nullable RoomId personalRoomOf(Session session, String name, @Nullable FrameId frameId) {
        try {
            var isOwn = name.equals(OWN_ROOM);
            if (!isOwn && name.startsWith(PERSONAL_PREFIX))
                throw new IllegalArgumentException(
                        "\"to\" is the name of a user, without \"@\": the message was not posted");
            var user = isOwn ? session.user() : new UserId(session.user().tenant(), name);
            return writableRoom(session, RoomId.personal(user), frameId);
        } catch (IllegalArgumentException e) {
            session.fail(frameId, null, ErrorCode.INVALID_USER, Objects.requireNonNull(e.getMessage()));
            return null;
        }
    }

    private static @Nullable RoomId writableRoom(Session session, RoomId room, @Nullable FrameId frameId) {
        if (session.principal().mayWriteTo(room)) return room;
        session.fail(frameId, room.name(), ErrorCode.FORBIDDEN,
                "the token does not grant direct messages to this user: its rooms must include \""
                        + room.name() + "\"");
        return null;
    }

    private static @Nullable RoomId onlyRoom(Session session, @Nullable FrameId frameId) {
        var joined = session.sharedRooms();
        if (joined.size() == 1) return joined.getFirst();
        session.fail(frameId, null, ErrorCode.NOT_JOINED, joined.isEmpty()
                ? "join a room first"
                : "this connection is in " + joined.size() + " rooms: name one of them in \"room\"");
        return null;
    }

    private static String personalRoomRefusal() {
        return "only its user may join a personal room; send direct messages with \"to\"";
    }
}
