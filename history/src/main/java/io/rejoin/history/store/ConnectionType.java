package io.rejoin.history.store;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.PGConnection;

/**
 * The type of connection to PostgreSQL: direct, or through a pooler such as PgBouncer. A pooler may use another session
 * for each transaction. It also invents the process id that it gives the client: so a pooler is present if that id
 * differs from the server's.
 */
enum ConnectionType {
    /** A connection is a session and keeps its settings and prepared statements. */
    DIRECT,
    /** Session state is valid only within a transaction. */
    POOLED;

    /** Detects the type with a separate connection. */
    static ConnectionType detect(String url, Properties properties) throws SQLException {
        try (var connection = DriverManager.getConnection(url, properties);
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1) == connection.unwrap(PGConnection.class).getBackendPID() ? DIRECT : POOLED;
        }
    }
}
