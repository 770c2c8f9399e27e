package io.rejoin.history.store;

import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections to PostgreSQL. Reads, the ingest and upkeep each have a pool of their own, so that none uses up the
 * connections of another. Every wait has a time limit. Safe for any thread. The constructor does not connect.
 */
public final class Database implements AutoCloseable {
    /**
     * Access to PostgreSQL.
     *
     * @param user     the user's name, unless the URL has one
     * @param password the user's password, unless the URL has one
     */
    public record Access(JdbcUrl url, String user, String password) {
        /**
         * Parses the URL.
         *
         * @throws IllegalArgumentException if the URL is invalid; the message follows the variable's name and has no
         *                                  secret
         */
        public static Access of(String jdbcUrl, String user, String password) {
            return new Access(JdbcUrl.of(jdbcUrl), user, password);
        }

        Properties properties() {
            var properties = new Properties();
            properties.setProperty("user", user);
            properties.setProperty("password", password);
            properties.putAll(url.secrets());
            return properties;
        }

        /** A text without the secrets. */
        @Override
        public String toString() {
            return url.url() + " as " + user;
        }
    }

    private static final Logger log = LoggerFactory.getLogger(Database.class);
    private static final Duration NO_TIMEOUT = Duration.ZERO;
    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration PING_TIMEOUT = Duration.ofSeconds(2);
    /**
     * Planner settings for replay: a page must be read in the order of the primary key. Without them, a wrong estimate
     * for a huge room makes the planner collect and sort all of its rows.
     */
    private static final Map<String, String> IN_KEY_ORDER = Map.of("enable_bitmapscan", "off", "enable_seqscan", "off",
            "enable_sort", "off");
    /**
     * Planner settings for upkeep: each row must be found by its key, even if the planner has bad statistics for the
     * table.
     */
    private static final Map<String, String> KEY_BY_KEY = Map.of("enable_hashjoin", "off", "enable_mergejoin", "off",
            "enable_seqscan", "off");

    private final Access access;
    private final int readConnections;
    private final MeterRegistry registry;
    /** Opened at first use, because the connection type depends on the server that answers. Guarded by this. */
    private @Nullable Pools pools;
    private boolean isClosed;

    private record Pools(ConnectionType connectionType, ConnectionPool writes, ConnectionPool reads,
            ConnectionPool upkeep) {}

    /**
     * @param readConnections the most connections for replay
     * @param registry        where the pools register their metrics
     */
    public Database(Access access, int readConnections, MeterRegistry registry) {
        this.access = access;
        this.readConnections = readConnections;
        this.registry = registry;
    }

    private synchronized Pools pools() throws SQLException {
        if (isClosed) throw new SQLException("closed", "08003");
        var openPools = pools;
        if (openPools != null) return openPools;
        var connectionType = ConnectionType.detect(access.url().url(),
                ConnectionPool.properties(access, "start", READ_TIMEOUT));
        if (connectionType == ConnectionType.POOLED)
            log.atInfo().addKeyValue("at", address())
                    .log("PostgreSQL is behind a pooler: history uses no session settings and no prepared statements");
        openPools = new Pools(connectionType,
                new ConnectionPool(access, connectionType, "ingest", 1, WRITE_TIMEOUT, Map.of()),
                new ConnectionPool(access, connectionType, "replay", readConnections, READ_TIMEOUT, IN_KEY_ORDER),
                new ConnectionPool(access, connectionType, "upkeep", 2, WRITE_TIMEOUT, KEY_BY_KEY));
        openPools.writes().registerMetrics(registry);
        openPools.reads().registerMetrics(registry);
        openPools.upkeep().registerMetrics(registry);
        pools = openPools;
        return openPools;
    }

    /**
     * Migrates the tables. Any number of instances may call this at once: one migrates, the others wait. The lock is a
     * transaction's lock, so it works through a pooler, too.
     */
    public void migrate() {
        try {
            requireUtf8();
            // Separate connections, because a migration may take longer than the timeout of the other pools
            try (var connections = new ConnectionPool(access, pools().connectionType(), "migration", 2, NO_TIMEOUT,
                    Map.of())) {
                Flyway.configure().dataSource(connections.dataSource()).load().migrate();
            }
        } catch (SQLException e) {
            throw SqlErrors.translate("check the database", e);
        } catch (FlywayException e) {
            if (e.getCause() instanceof SQLException sql) throw SqlErrors.translate("migrate the tables", sql);
            throw new StoreException("migrate the tables", e);
        }
    }

    private void requireUtf8() throws SQLException {
        try (var connection = beginWrite();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SHOW server_encoding")) {
            if (row.next() && "UTF8".equals(row.getString(1))) return;
            throw new IllegalStateException("the database's encoding is " + row.getString(1)
                    + "; messages need UTF8: create the database with ENCODING 'UTF8'");
        }
    }

    /** The hosts and the database name, for people. */
    public String address() {
        return access.url().address();
    }

    /** Checks within seconds that the database answers. */
    public void ping() {
        try (var connection = beginRead(); var statement = connection.createStatement()) {
            statement.setQueryTimeout((int) PING_TIMEOUT.toSeconds());
            statement.execute("SELECT 1");
        } catch (SQLException e) {
            throw SqlErrors.translate("reach PostgreSQL", e);
        }
    }

    /** A connection for writes, in a transaction that the caller must commit. */
    Connection beginWrite() throws SQLException {
        return pools().writes().beginTransaction();
    }

    /** A connection for reads, in a transaction that needs no commit. */
    Connection beginRead() throws SQLException {
        return pools().reads().beginTransaction();
    }

    /** A connection for background work, in a transaction that the caller must commit. */
    Connection beginUpkeep() throws SQLException {
        return pools().upkeep().beginTransaction();
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        var openPools = pools;
        if (openPools == null) return;
        openPools.writes().close();
        openPools.reads().close();
        openPools.upkeep().close();
    }
}
