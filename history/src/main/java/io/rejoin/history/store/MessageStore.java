package io.rejoin.history.store;

import io.rejoin.contracts.Source;
import io.rejoin.contracts.env.ConfigException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes messages. One transaction stores a batch and moves the positions from which the batch was read. */
public final class MessageStore {
    /**
     * The first statement of the transaction. Its row locks make another owner of the partition wait here; that owner
     * then finds that the position has moved. It updates no row if another installation owns the database by now.
     */
    private static final String ADVANCE = """
            UPDATE ingest_position p
            SET next_offset = b.next_offset, source_offset = b.source_offset, source_index = b.source_index
            FROM unnest(?::text[], ?::integer[], ?::bigint[], ?::bigint[], ?::bigint[], ?::integer[])
                AS b (topic_id, partition, before, next_offset, source_offset, source_index), installation i
            WHERE p.partition = b.partition AND p.topic_id = b.topic_id AND p.next_offset = b.before
                AND i.events_topic = b.topic_id""";

    private static final String INSERT = """
            INSERT INTO message (room, epoch, seq, sender, client_id, content, ts)
            SELECT room, epoch, seq, sender, client_id, content::json, ts
            FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::bigint[])
                AS b (room, epoch, seq, sender, client_id, content, ts)
            ON CONFLICT (room, epoch, seq) DO NOTHING""";

    /**
     * Counts stored messages that differ from the rows. Runs only for rows that were stored before. Such rows are equal
     * or erased, unless routers gave different outputs for the same command.
     */
    private static final String COUNT_CHANGED = """
            SELECT count(*) FROM message m
            JOIN unnest(?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::bigint[])
                AS b (room, epoch, seq, sender, client_id, content, ts)
            ON m.room = b.room AND m.epoch = b.epoch AND m.seq = b.seq
            WHERE (m.sender, m.client_id, m.content::text, m.ts) IS DISTINCT FROM (b.sender, b.client_id, b.content, b.ts)
                AND ? NOT IN (m.content::text, b.content)""";

    private final Database database;
    private final RetentionRules rules;

    public MessageStore(Database database, RetentionRules rules) {
        this.database = database;
        this.rules = rules;
    }

    /**
     * Stores messages and moves the positions, all or nothing.
     *
     * @param appends at most one per partition
     * @throws StoreException.Refused     if PostgreSQL refuses one of the rows
     * @throws ConfigException            if another installation owns the database by now
     * @throws StoreException.Unavailable if the outcome is unknown: read the positions again
     */
    public Append.Outcome append(List<Append> appends) {
        try (var connection = database.beginWrite()) {
            if (advance(connection, appends) != appends.size()) {
                Installation.checkOwner(connection, appends.getFirst().before().topicId());
                return new Append.Outcome.PositionMoved();
            }
            var stored = ErasureStore.withErasedMessages(connection, appends);
            var rows = stored.stream().flatMap(a -> a.rows().stream()).toList();
            var repetitions = stored.stream().flatMap(a -> a.repetitions().stream()).toList();
            var rooms = Stream.concat(rows.stream(), repetitions.stream()).map(MessageRow::room).distinct().toList();
            var lastDeleted = RoomAges.readLastDeleted(connection, rooms);
            rows = RoomAges.withoutDeleted(lastDeleted, rows);
            repetitions = RoomAges.withoutDeleted(lastDeleted, repetitions);
            var areAllNew = insert(connection, rows) == rows.size();
            var revived = insert(connection, repetitions);
            var changed = (areAllNew ? 0 : countChanged(connection, rows)) + countChanged(connection, repetitions);
            RoomAges.addRooms(connection, rows, rules);
            var ownedAt = System.nanoTime(); // the rows of the positions stay locked until the commit
            connection.commit();
            return new Append.Outcome.Stored(stored, revived, changed, ownedAt);
        } catch (SQLException e) {
            throw SqlErrors.translate("append to partitions " + partitions(appends), e);
        }
    }

    private static List<Integer> partitions(List<Append> appends) {
        return appends.stream().map(Append::partition).toList();
    }

    private static int advance(Connection connection, List<Append> appends) throws SQLException {
        try (var update = connection.prepareStatement(ADVANCE)) {
            bindArray(update, 1, "text", appends, a -> a.before().topicId());
            bindArray(update, 2, "int4", appends, Append::partition);
            bindArray(update, 3, "int8", appends, a -> a.before().nextOffset());
            bindArray(update, 4, "int8", appends, a -> a.after().nextOffset());
            bindArray(update, 5, "int8", appends, a -> offset(a.after().lastSource()));
            bindArray(update, 6, "int4", appends, a -> index(a.after().lastSource()));
            return update.executeUpdate();
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("move the positions of partitions " + partitions(appends), e);
        }
    }

    private static @Nullable Long offset(@Nullable Source source) {
        return source == null ? null : source.offset();
    }

    private static @Nullable Integer index(@Nullable Source source) {
        return source == null ? null : source.index();
    }

    /** Returns how many of the rows were new. */
    private static int insert(Connection connection, List<MessageRow> rows) throws SQLException {
        if (rows.isEmpty()) return 0;
        try (var insert = connection.prepareStatement(INSERT)) {
            bindRows(insert, rows);
            return insert.executeUpdate();
        }
    }

    /** Returns how many of the rows are in the table with other values. */
    private static int countChanged(Connection connection, List<MessageRow> rows) throws SQLException {
        if (rows.isEmpty()) return 0;
        try (var query = connection.prepareStatement(COUNT_CHANGED)) {
            bindRows(query, rows);
            query.setString(8, ErasedMessages.CONTENT);
            try (var count = query.executeQuery()) {
                return count.next() ? count.getInt(1) : 0;
            }
        }
    }

    private static void bindRows(PreparedStatement statement, List<MessageRow> rows) throws SQLException {
        bindArray(statement, 1, "text", rows, row -> row.room().key());
        bindArray(statement, 2, "int8", rows, MessageRow::epoch);
        bindArray(statement, 3, "int8", rows, row -> row.message().seq());
        bindArray(statement, 4, "text", rows, row -> row.message().user().key());
        bindArray(statement, 5, "text", rows, row -> row.message().id());
        bindArray(statement, 6, "text", rows, MessageRow::content);
        bindArray(statement, 7, "int8", rows, row -> row.message().ts());
    }

    private static <T> void bindArray(PreparedStatement statement, int index, String type, List<T> elements,
            Function<T, @Nullable Object> column) throws SQLException {
        var values = new @Nullable Object[elements.size()];
        for (var i = 0; i < values.length; i++) values[i] = column.apply(elements.get(i));
        statement.setArray(index, statement.getConnection().createArrayOf(type, values));
    }
}
