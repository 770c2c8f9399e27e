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
    static void room(RoomId room, BinaryWriter writer) {
        writer.string(room.tenant());
        writer.string(room.name());
    }

    static RoomId room(BinaryReader reader) throws MalformedRecordException {
        return new RoomId(reader.string("room's tenant"), reader.string("room's name"));
    }

    /** Writes the user's tenant, or null if the room has the same tenant; then the user's name. */
    static void user(UserId user, RoomId room, BinaryWriter writer) {
        writer.string(user.tenant().equals(room.tenant()) ? null : user.tenant());
        writer.string(user.name());
    }

    static UserId user(RoomId room, BinaryReader reader) throws MalformedRecordException {
        @Nullable
        String tenant = reader.stringOrNull("user's tenant");
        return new UserId(tenant == null ? room.tenant() : tenant, reader.string("user's name"));
    }

    /** Writes the number of users, then each user. */
    static void users(List<UserId> users, RoomId room, BinaryWriter writer) {
        writer.number(users.size());
        for (var user : users) user(user, room, writer);
    }

    static List<UserId> users(RoomId room, BinaryReader reader) throws MalformedRecordException {
        var count = reader.count("users", Integer.MAX_VALUE);
        var users = new ArrayList<UserId>();
        for (var i = 0; i < count; i++) users.add(user(room, reader));
        return users;
    }

    static void connection(ConnectionId connection, BinaryWriter writer) {
        writer.string(connection.value());
    }

    static ConnectionId connection(BinaryReader reader) throws MalformedRecordException {
        return new ConnectionId(reader.string("connection"));
    }

    /** Reads a content from outside and checks that its bytes are valid JSON. */
    static Content checkedContent(BinaryReader reader) throws MalformedRecordException {
        return Content.checked(reader.flag("kind of content"), reader.bytes("content"));
    }

    /** Reads a content without a check: the router checked it when it read the command. */
    static Content trustedContent(BinaryReader reader) throws MalformedRecordException {
        return Content.known(reader.flag("kind of content"), reader.bytes("content"));
    }
}
