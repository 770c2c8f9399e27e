package io.rejoin.history.store;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.PGConnection;

/**
 * How PostgreSQL is reached. A pooler such as PgBouncer stands between when the server's own process is another one than whoever
 * answered says: a pooler makes that number up. It may give each transaction another session.
 */
enum Route {
    /** A connection is a session: it keeps its settings and prepared statements. */
    DIRECT,
    /** Only what is within a transaction belongs together. */
    POOLED;

    /** Finds out, by a connection of its own. */
    static Route of(String url, Properties properties) throws SQLException {
        try (var connection = DriverManager.getConnection(url, properties);
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1) == connection.unwrap(PGConnection.class).getBackendPID() ? DIRECT : POOLED;
        }
    }
}
