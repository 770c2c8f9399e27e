package io.rejoin.history.store;

import io.rejoin.contracts.RoomId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The writer's access to the table {@code room_age}. Unless all messages are kept forever, every room that gets a
 * message has a row there. A row also prevents that deleted messages are stored again. Works in the writer's
 * transaction.
 */
final class RoomAges {
    private static final String ADD_ROOMS = """
            INSERT INTO room_age (room, rules, due)
            SELECT room, ?, due FROM unnest(?::text[], ?::bigint[]) AS b (room, due)
            ON CONFLICT (room) DO NOTHING""";

    private static final String LAST_DELETED = """
            SELECT room, epoch, seq FROM room_age WHERE room = ANY (?::text[]) AND seq > 0""";

    private RoomAges() {}

    /**
     * Adds a row for each new room, with the time when its first message expires. Does nothing if all is kept forever.
     */
    static void addRooms(Connection connection, List<MessageRow> rows, RetentionRules rules) throws SQLException {
        if (rules.retention().isForever() || rows.isEmpty()) return;
        var expiryTimes = new TreeMap<RoomId, Long>(); // ordered, so that two writers cannot deadlock
        for (var row : rows)
            expiryTimes.merge(row.room(), rules.retention().expiresAt(row.room(), row.message().ts()), Math::min);
        try (var insert = connection.prepareStatement(ADD_ROOMS)) {
            insert.setInt(1, rules.number());
            insert.setArray(2,
                    connection.createArrayOf("text", expiryTimes.keySet().stream().map(RoomId::key).toArray()));
            insert.setArray(3, connection.createArrayOf("int8", expiryTimes.values().toArray()));
            insert.executeUpdate();
        }
    }

    /**
     * Removes the messages that retention has already deleted. Such a message may arrive again: a router may repeat it
     * after a takeover, or this service may read a part of the topic again.
     */
    static List<MessageRow> withoutDeleted(Map<RoomId, Head> lastDeleted, List<MessageRow> rows) {
        if (lastDeleted.isEmpty()) return rows;
        var remaining = new ArrayList<MessageRow>();
        for (var row : rows) {
            var lastOfRoom = lastDeleted.getOrDefault(row.room(), Head.NONE);
            if (new Head(row.epoch(), row.message().seq()).compareTo(lastOfRoom) > 0) remaining.add(row);
        }
        return remaining;
    }

    /** The last deleted message of each room. Rooms without deleted messages are missing from the result. */
    static Map<RoomId, Head> readLastDeleted(Connection connection, List<RoomId> rooms) throws SQLException {
        if (rooms.isEmpty()) return Map.of();
        try (var select = connection.prepareStatement(LAST_DELETED)) {
            select.setArray(1, connection.createArrayOf("text", rooms.stream().map(RoomId::key).toArray()));
            var lastDeleted = new HashMap<RoomId, Head>();
            try (var row = select.executeQuery()) {
                while (row.next())
                    lastDeleted.put(RoomId.of(row.getString("room")),
                            new Head(row.getLong("epoch"), row.getLong("seq")));
            }
            return lastDeleted;
        }
    }
}
