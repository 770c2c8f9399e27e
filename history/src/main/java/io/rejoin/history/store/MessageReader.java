package io.rejoin.history.store;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.history.store.PageRequest.Range.Backward;
import io.rejoin.history.store.PageRequest.Range.Forward;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Reads messages from the database. All reads use the primary key. Safe for any thread. */
public final class MessageReader {
    private static final String COLUMNS = "SELECT seq, sender, client_id, content, ts FROM message ";

    private static final String FORWARD = COLUMNS
            + "WHERE room = ? AND epoch = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?";

    private static final String BACKWARD = COLUMNS
            + "WHERE room = ? AND epoch = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?";

    private static final String LATEST = """
            SELECT epoch, seq FROM message WHERE room = ? ORDER BY epoch DESC, seq DESC LIMIT 1""";

    private static final String LATEST_OF_EPOCH = """
            SELECT epoch, seq FROM message WHERE room = ? AND epoch = ? ORDER BY seq DESC LIMIT 1""";

    /** The last deleted message of a room: the head of a room whose messages are all deleted. */
    private static final String LAST_DELETED = "SELECT epoch, seq FROM room_age WHERE room = ? AND seq > 0";

    private static final String HEADS = """
            SELECT wanted.room, head.epoch, head.seq FROM unnest(?::text[]) AS wanted (room)
            CROSS JOIN LATERAL (
                SELECT epoch, seq FROM (
                    (SELECT epoch, seq FROM message m WHERE m.room = wanted.room
                        ORDER BY epoch DESC, seq DESC LIMIT 1)
                    UNION ALL
                    (SELECT epoch, seq FROM room_age a WHERE a.room = wanted.room AND seq > 0)) last
                ORDER BY epoch DESC, seq DESC LIMIT 1) head""";

    /** Rows of the first read. Their sizes then tell how many more to ask for, because the largest rows have 64 KiB. */
    private static final int FIRST_ROWS = 16;
    private static final long NO_MORE_ROWS = -1;

    private final Database database;

    public MessageReader(Database database) {
        this.database = database;
    }

    /** Reads the requested page. For an unknown room, the page is empty; its epoch is the requested one, or 0. */
    public ReplayPage page(PageRequest request) {
        try (var connection = database.beginRead()) {
            var head = readHead(connection, request);
            var page = new PageBuilder(request);
            read(connection, request, head.epoch(), page);
            return page.build(head);
        } catch (SQLException e) {
            throw SqlErrors.translate("read messages of " + request.room().key(), e);
        }
    }

    private static Head readHead(Connection connection, PageRequest request) throws SQLException {
        var epoch = request.epoch();
        try (var select = connection.prepareStatement(epoch == null ? LATEST : LATEST_OF_EPOCH)) {
            select.setString(1, request.room().key());
            if (epoch != null) select.setLong(2, epoch);
            try (var row = select.executeQuery()) {
                if (row.next()) return new Head(row.getLong("epoch"), row.getLong("seq"));
            }
        }
        var lastDeleted = readLastDeleted(connection, request.room());
        return epoch == null ? lastDeleted : new Head(epoch, epoch == lastDeleted.epoch() ? lastDeleted.seq() : 0);
    }

    private static Head readLastDeleted(Connection connection, RoomId room) throws SQLException {
        try (var select = connection.prepareStatement(LAST_DELETED)) {
            select.setString(1, room.key());
            try (var row = select.executeQuery()) {
                return row.next() ? new Head(row.getLong("epoch"), row.getLong("seq")) : Head.NONE;
            }
        }
    }

    /** Reads in portions, so that no more rows are in memory than about one page, whatever their size. */
    private static void read(Connection connection, PageRequest request, long epoch, PageBuilder page)
            throws SQLException {
        var range = request.range();
        var portionSize = Math.min(FIRST_ROWS, page.rowsToRead());
        try (var select = connection.prepareStatement(range instanceof Backward ? BACKWARD : FORWARD)) {
            while (true) {
                var last = readPortion(select, request.room(), epoch, range, portionSize, page);
                if (last == NO_MORE_ROWS) return;
                range = switch (range) {
                    case Forward(var _, var to) -> new Forward(last, to);
                    case Backward _ -> new Backward(last);
                };
                portionSize = page.rowsToRead();
            }
        }
    }

    /**
     * Reads one portion. Returns the seq of its last message, or {@link #NO_MORE_ROWS} if nothing more needs to be
     * read.
     */
    private static long readPortion(PreparedStatement select, RoomId room, long epoch, PageRequest.Range range,
            int limit, PageBuilder page) throws SQLException {
        select.setString(1, room.key());
        select.setLong(2, epoch);
        switch (range) {
            case Forward(var after, var to) -> {
                select.setLong(3, after);
                select.setLong(4, to);
            }
            case Backward(var before) -> {
                select.setLong(3, 0);
                select.setLong(4, before);
            }
        }
        select.setInt(5, limit);
        var rowCount = 0;
        var last = NO_MORE_ROWS;
        try (var rows = select.executeQuery()) {
            for (; rows.next(); rowCount++) {
                if (!tryAdd(rows, page)) return NO_MORE_ROWS;
                last = rows.getLong("seq");
            }
        }
        return rowCount < limit ? NO_MORE_ROWS : last;
    }

    private static boolean tryAdd(ResultSet row, PageBuilder page) throws SQLException {
        var content = row.getString("content");
        var user = UserId.of(row.getString("sender"));
        var message = ErasedMessages.isErased(content)
                ? ErasedMessages.message(row.getLong("seq"), user, row.getLong("ts"))
                : new StoredMessage(row.getLong("seq"), user, row.getString("client_id"), parseContent(content),
                        row.getLong("ts"));
        var size = MessageSize.of(message);
        if (!page.checkFits(size)) return false;
        page.add(message, size);
        return true;
    }

    private static Content parseContent(String json) {
        try {
            return Json.MAPPER.readValue(json, Content.class);
        } catch (JacksonException e) {
            throw new IllegalStateException("the table message has an invalid content", e);
        }
    }

    /** Reads the last message of each room, in one query. Rooms without messages are missing from the result. */
    public Map<RoomId, Head> heads(Collection<RoomId> rooms) {
        try (var connection = database.beginRead(); var select = connection.prepareStatement(HEADS)) {
            select.setArray(1, connection.createArrayOf("text", rooms.stream().map(RoomId::key).toArray()));
            var heads = new HashMap<RoomId, Head>();
            try (var row = select.executeQuery()) {
                while (row.next())
                    heads.put(RoomId.of(row.getString("room")), new Head(row.getLong("epoch"), row.getLong("seq")));
            }
            return heads;
        } catch (SQLException e) {
            throw SqlErrors.translate("read the heads of " + rooms.size() + " rooms", e);
        }
    }
}
