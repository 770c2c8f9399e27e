package io.rejoin.history.store;

import io.rejoin.contracts.Source;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The table of read positions, for taking a partition over; {@link MessageStore} moves them along with the rows. */
public final class Positions {
    private static final String READ = """
            SELECT topic_id, partition, next_offset, source_offset, source_index
            FROM ingest_position WHERE partition = ANY (?)""";

    private static final String CREATE = """
            INSERT INTO ingest_position (topic_id, next_offset, source_offset, source_index, partition)
            VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (partition) DO NOTHING""";

    private static final String MOVE = """
            UPDATE ingest_position SET topic_id = ?, next_offset = ?, source_offset = ?, source_index = ?
            WHERE partition = ? AND topic_id = ? AND next_offset = ?""";

    private final Database database;

    public Positions(Database database) {
        this.database = database;
    }

    /** Where those partitions are; one that was never read is missing. */
    public Map<Integer, Position> read(Collection<Integer> partitions) {
        try (var connection = database.writes(); var select = connection.prepareStatement(READ)) {
            select.setArray(1, connection.createArrayOf("int4", partitions.toArray()));
            var positions = new HashMap<Integer, Position>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) positions.put(rows.getInt("partition"), position(rows));
            }
            return positions;
        } catch (SQLException e) {
            throw SqlErrors.explainPositions("read the positions of partitions " + partitions, e);
        }
    }

    private static Position position(ResultSet row) throws SQLException {
        var partition = row.getInt("partition");
        var offset = row.getObject("source_offset", Long.class);
        var last = offset == null ? null : new Source(partition, offset, row.getInt("source_index"));
        return new Position(row.getString("topic_id"), partition, row.getLong("next_offset"), last);
    }

    /**
     * Sets a position by hand, unless somebody else has moved it: then it is false, and to be read again.
     *
     * @param from what it is now; null when there is none
     */
    public boolean move(@Nullable Position from, Position to) {
        try (var connection = database.writes();
                var statement = connection.prepareStatement(from == null ? CREATE : MOVE)) {
            var last = to.last();
            statement.setString(1, to.topicId());
            statement.setLong(2, to.next());
            statement.setObject(3, last == null ? null : last.offset(), Types.BIGINT);
            statement.setObject(4, last == null ? null : last.index(), Types.INTEGER);
            statement.setInt(5, to.partition());
            if (from != null) statement.setString(6, from.topicId());
            if (from != null) statement.setLong(7, from.next());
            var isMoved = statement.executeUpdate() == 1;
            connection.commit();
            return isMoved;
        } catch (SQLException e) {
            throw SqlErrors.explainPositions("set the position of partition " + to.partition(), e);
        }
    }
}
