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
    private static final Duration FOREVER = Duration.ZERO;
    private static final Duration WRITE = Duration.ofSeconds(60);
    private static final Duration READ = Duration.ofSeconds(10);
    private static final Duration PING = Duration.ofSeconds(2);
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
    private final int readers;
    private final MeterRegistry meters;
    /** Opened at first use, because the route depends on the server that answers. Guarded by this. */
    private @Nullable Pools pools;
    private boolean closed;

    private record Pools(Route route, ConnectionPool writes, ConnectionPool reads, ConnectionPool upkeep) {}

    /** @param meters where the pools register their metrics */
    public Database(Access access, int readers, MeterRegistry meters) {
        this.access = access;
        this.readers = readers;
        this.meters = meters;
    }

    private synchronized Pools pools() throws SQLException {
        if (closed) throw new SQLException("closed", "08003");
        var open = pools;
        if (open != null) return open;
        var route = Route.of(access.url().url(), ConnectionPool.properties(access, "start", READ));
        if (route == Route.POOLED)
            log.atInfo().addKeyValue("at", place())
                    .log("PostgreSQL is behind a pooler: history uses no session settings and no prepared statements");
        open = new Pools(route, new ConnectionPool(access, route, "ingest", 1, WRITE, Map.of()),
                new ConnectionPool(access, route, "replay", readers, READ, IN_KEY_ORDER),
                new ConnectionPool(access, route, "upkeep", 2, WRITE, KEY_BY_KEY));
        open.writes().show(meters);
        open.reads().show(meters);
        open.upkeep().show(meters);
        pools = open;
        return open;
    }

    /**
     * Migrates the tables. Any number of instances may call this at once: one migrates, the others wait. The lock is a
     * transaction's lock, so it works through a pooler, too.
     */
    public void migrate() {
        try {
            requireUtf8();
            // Separate connections, because a migration may take longer than the timeout of the other pools
            try (var connections = new ConnectionPool(access, pools().route(), "migration", 2, FOREVER, Map.of())) {
                Flyway.configure().dataSource(connections.plain()).load().migrate();
            }
        } catch (SQLException e) {
            throw SqlErrors.explain("check the database", e);
        } catch (FlywayException e) {
            if (e.getCause() instanceof SQLException sql) throw SqlErrors.explain("migrate the tables", sql);
            throw new StoreException("migrate the tables", e);
        }
    }

    private void requireUtf8() throws SQLException {
        try (var connection = writes();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SHOW server_encoding")) {
            if (row.next() && "UTF8".equals(row.getString(1))) return;
            throw new IllegalStateException("the database's encoding is " + row.getString(1)
                    + "; messages need UTF8: create the database with ENCODING 'UTF8'");
        }
    }

    /** The hosts and the database name, for people. */
    public String place() {
        return access.url().place();
    }

    /** Checks within seconds that the database answers. */
    public void ping() {
        try (var connection = reads(); var statement = connection.createStatement()) {
            statement.setQueryTimeout((int) PING.toSeconds());
            statement.execute("SELECT 1");
        } catch (SQLException e) {
            throw SqlErrors.explain("reach PostgreSQL", e);
        }
    }

    /** A connection for writes, in a transaction that the caller must commit. */
    Connection writes() throws SQLException {
        return pools().writes().begin();
    }

    /** A connection for reads, in a transaction that needs no commit. */
    Connection reads() throws SQLException {
        return pools().reads().begin();
    }

    /** A connection for background work, in a transaction that the caller must commit. */
    Connection upkeep() throws SQLException {
        return pools().upkeep().begin();
    }

    @Override
    public synchronized void close() {
        closed = true;
        var open = pools;
        if (open == null) return;
        open.writes().close();
        open.reads().close();
        open.upkeep().close();
    }
}
