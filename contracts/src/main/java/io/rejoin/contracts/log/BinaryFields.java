package io.rejoin.contracts.log;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binary form of the values that commands and deliveries have in common: rooms, users, connections and contents. */
final class BinaryFields {
    private BinaryFields() {}

    /** Writes the room's tenant, then its name. */
    static void room(RoomId room, BinaryWriter to) {
        to.string(room.tenant());
        to.string(room.name());
    }

    static RoomId room(BinaryReader from) throws MalformedRecordException {
        return new RoomId(from.string("room's tenant"), from.string("room's name"));
    }

    /** Writes the user's tenant, or null if the room has the same tenant; then the user's name. */
    static void user(UserId user, RoomId room, BinaryWriter to) {
        to.string(user.tenant().equals(room.tenant()) ? null : user.tenant());
        to.string(user.name());
    }

    static UserId user(RoomId room, BinaryReader from) throws MalformedRecordException {
        @Nullable
        String tenant = from.stringOrNull("user's tenant");
        return new UserId(tenant == null ? room.tenant() : tenant, from.string("user's name"));
    }

    /** Writes the number of users, then each user. */
    static void users(List<UserId> users, RoomId room, BinaryWriter to) {
        to.number(users.size());
        for (var user : users) user(user, room, to);
    }

    static List<UserId> users(RoomId room, BinaryReader from) throws MalformedRecordException {
        var count = from.count("users", Integer.MAX_VALUE);
        var users = new ArrayList<UserId>();
        for (var i = 0; i < count; i++) users.add(user(room, from));
        return users;
    }

    static void connection(ConnectionId connection, BinaryWriter to) {
        to.string(connection.value());
    }

    static ConnectionId connection(BinaryReader from) throws MalformedRecordException {
        return new ConnectionId(from.string("connection"));
    }

    /** Reads a content from outside and checks that its bytes are valid JSON. */
    static Content checkedContent(BinaryReader from) throws MalformedRecordException {
        return Content.checked(from.flag("kind of content"), from.bytes("content"));
    }

    /** Reads a content without a check: the router checked it when it read the command. */
    static Content trustedContent(BinaryReader from) throws MalformedRecordException {
        return Content.known(from.flag("kind of content"), from.bytes("content"));
    }
}
