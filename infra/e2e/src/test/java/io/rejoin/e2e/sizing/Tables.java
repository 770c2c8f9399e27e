package io.rejoin.e2e.sizing;

import io.rejoin.embedded.EmbeddedPostgres;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * Size of the table of messages, summed over its partitions.
 *
 * @param rows  bytes without indexes
 * @param index bytes of indexes
 */
record Tables(long messages, long rows, long index) {
    static Tables of(EmbeddedPostgres postgres) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var sql = connection.createStatement();
                var found = sql.executeQuery("""
                        SELECT (SELECT count(*) FROM message), sum(pg_table_size(inhrelid)), sum(pg_indexes_size(inhrelid))
                        FROM pg_inherits WHERE inhparent = 'message'::regclass""")) {
            found.next();
            return new Tables(found.getLong(1), found.getLong(2), found.getLong(3));
        }
    }

    Tables since(Tables before) {
        return new Tables(messages - before.messages, rows - before.rows, index - before.index);
    }
}
