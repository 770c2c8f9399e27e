package io.rejoin.history.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * The connections to PostgreSQL. Reads and the ingest have a pool each, so that neither takes the other's; no wait is endless.
 * Safe for any thread. Opening it connects nothing yet.
 */
public final class Database implements AutoCloseable {
    /**
     * How to connect.
     *
     * @param user     and password: unless the URL names others
     */
    public record Access(JdbcUrl url, String user, String password) {
        /**
         * Takes the URL apart.
         *
         * @throws IllegalArgumentException if it is none; the message goes on after its variable's name, and tells no secret
         */
        public static Access of(String jdbcUrl, String user, String password) {
            return new Access(JdbcUrl.of(jdbcUrl), user, password);
        }

        private Properties properties() {
            var properties = new Properties();
            properties.setProperty("user", user);
            properties.setProperty("password", password);
            properties.putAll(url.secrets());
            return properties;
        }

        /** Without the secrets. */
        @Override
        public String toString() {
            return url.url() + " as " + user;
        }
    }

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration FOREVER = Duration.ZERO;
    private static final Duration PING = Duration.ofSeconds(2);
    /** A page is a walk along the primary key; a planner misled about a huge room must not collect and sort it instead. */
    private static final String IN_KEY_ORDER = " -c enable_bitmapscan=off -c enable_seqscan=off -c enable_sort=off";

    private final Access access;
    private final HikariDataSource writes;
    private final HikariDataSource reads;

    public Database(Access access, int readers) {
        this.access = access;
        this.writes = pool(access, "ingest", 1, Duration.ofSeconds(60), "");
        this.reads = pool(access, "replay", readers, Duration.ofSeconds(10), IN_KEY_ORDER);
    }

    /**
     * @param answer   the longest a statement may take: a server that hangs must not hang us; zero is without bound
     * @param settings of the sessions, more of them
     */
    private static HikariDataSource pool(Access access, String name, int size, Duration answer, String settings) {
        var config = new HikariConfig();
        config.setPoolName("history-" + name);
        config.setJdbcUrl(access.url().url());
        config.setDataSourceProperties(access.properties());
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECT.toMillis());
        config.setValidationTimeout(PING.toMillis());
        config.setInitializationFailTimeout(-1);
        config.addDataSourceProperty("ApplicationName", "rejoin-history-" + name);
        config.addDataSourceProperty("connectTimeout", CONNECT.toSeconds());
        config.addDataSourceProperty("socketTimeout", answer.toSeconds());
        var statement = answer.isZero() ? 0 : answer.minusSeconds(1).toMillis();
        config.addDataSourceProperty("options", "-c statement_timeout=" + statement + settings);
        config.addDataSourceProperty("tcpKeepAlive", true);
        return new HikariDataSource(config);
    }

    /** Brings the tables up to date. Any number of instances may do so at once; one does it, the others wait. */
    public void migrate() {
        requireUtf8();
        // Connections of its own: a migration may take longer than a statement may
        try (var connections = pool(access, "migration", 2, FOREVER, "")) {
            Flyway.configure().dataSource(connections).load().migrate();
        } catch (FlywayException e) {
            if (e.getCause() instanceof SQLException sql) throw SqlErrors.explain("migrate the tables", sql);
            throw new StoreException("migrate the tables", e);
        }
    }

    private void requireUtf8() {
        try (var connection = writes.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SHOW server_encoding")) {
            if (row.next() && "UTF8".equals(row.getString(1))) return;
            throw new IllegalStateException("the database's encoding is " + row.getString(1)
                    + "; messages need UTF8: create it with ENCODING 'UTF8'");
        } catch (SQLException e) {
            throw SqlErrors.explain("ask for the encoding", e);
        }
    }

    /** Where it is, for people. */
    public String place() {
        return access.url().place();
    }

    /** Answers within seconds whether the database does. */
    public void ping() {
        try (var connection = reads(); var statement = connection.createStatement()) {
            statement.setQueryTimeout((int) PING.toSeconds());
            statement.execute("SELECT 1");
        } catch (SQLException e) {
            throw SqlErrors.explain("reach PostgreSQL", e);
        }
    }

    Connection writes() throws SQLException {
        return writes.getConnection();
    }

    Connection reads() throws SQLException {
        return reads.getConnection();
    }

    @Override
    public void close() {
        writes.close();
        reads.close();
    }
}
