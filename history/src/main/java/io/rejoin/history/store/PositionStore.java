package io.rejoin.history.store;

import io.rejoin.contracts.Source;
import io.rejoin.contracts.env.ConfigException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The table of read positions, for taking over partitions. {@link MessageStore} moves positions when it stores rows.
 */
public final class PositionStore {
    private static final String READ = """
            SELECT topic_id, partition, next_offset, source_offset, source_index
            FROM ingest_position WHERE partition = ANY (?)""";

    private static final String CREATE = """
            INSERT INTO ingest_position (topic_id, next_offset, source_offset, source_index, partition)
            SELECT events_topic, ?::bigint, ?::bigint, ?::integer, ?::integer FROM installation WHERE events_topic = ?
            ON CONFLICT (partition) DO NOTHING""";

    private static final String MOVE = """
            UPDATE ingest_position p
            SET topic_id = i.events_topic, next_offset = ?, source_offset = ?, source_index = ?
            FROM installation i
            WHERE p.partition = ? AND i.events_topic = ? AND p.topic_id = ? AND p.next_offset = ?""";

    private final Database database;

    public PositionStore(Database database) {
        this.database = database;
    }

    /** Reads the positions of the partitions. A partition that was never read is missing from the result. */
    public Map<Integer, Position> read(Collection<Integer> partitions) {
        try (var connection = database.beginWrite(); var select = connection.prepareStatement(READ)) {
            select.setArray(1, connection.createArrayOf("int4", partitions.toArray()));
            var positions = new HashMap<Integer, Position>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) positions.put(rows.getInt("partition"), position(rows));
            }
            return positions;
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("read the positions of partitions " + partitions, e);
        }
    }

    private static Position position(ResultSet row) throws SQLException {
        var partition = row.getInt("partition");
        var offset = row.getObject("source_offset", Long.class);
        var last = offset == null ? null : new Source(partition, offset, row.getInt("source_index"));
        return new Position(row.getString("topic_id"), partition, row.getLong("next_offset"), last);
    }

    /**
     * Moves a position without storing rows.
     *
     * @param from the expected current position; null if there is none
     * @return false if another instance has moved the position; read it again
     * @throws ConfigException if another installation owns the database by now
     */
    public boolean move(@Nullable Position from, Position to) {
        try (var connection = database.beginWrite();
                var statement = connection.prepareStatement(from == null ? CREATE : MOVE)) {
            var last = to.lastSource();
            statement.setLong(1, to.nextOffset());
            statement.setObject(2, last == null ? null : last.offset(), Types.BIGINT);
            statement.setObject(3, last == null ? null : last.index(), Types.INTEGER);
            statement.setInt(4, to.partition());
            statement.setString(5, to.topicId());
            if (from != null) statement.setString(6, from.topicId());
            if (from != null) statement.setLong(7, from.nextOffset());
            var isMoved = statement.executeUpdate() == 1;
            if (!isMoved) Installation.checkOwner(connection, to.topicId());
            connection.commit();
            return isMoved;
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("set the position of partition " + to.partition(), e);
        }
    }
}
