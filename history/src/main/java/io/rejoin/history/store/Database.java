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
 * The connections to PostgreSQL. Reads, the ingest and upkeep have a pool each, so that none
 * takes another's; no wait is endless.
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

        Properties properties() {
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

    private static final Logger log = LoggerFactory.getLogger(Database.class);
    private static final Duration FOREVER = Duration.ZERO;
    private static final Duration WRITE = Duration.ofSeconds(60);
    private static final Duration READ = Duration.ofSeconds(10);
    private static final Duration PING = Duration.ofSeconds(2);
    /** A page is a walk along the primary key; a planner misled about a huge room must not collect and sort it instead. */
    private static final Map<String, String> IN_KEY_ORDER = Map.of("enable_bitmapscan", "off", "enable_seqscan", "off",
            "enable_sort", "off");
    /** It goes from row to row of what it was told, by keys, however little the planner knows of the table. */
    private static final Map<String, String> KEY_BY_KEY = Map.of("enable_hashjoin", "off", "enable_mergejoin", "off",
            "enable_seqscan", "off");

    private final Access access;
    private final int readers;
    private final MeterRegistry meters;
    /** Opened when they are needed first: how depends on what answers. Guarded by this. */
    private @Nullable Pools pools;
    private boolean closed;

    private record Pools(Route route, ConnectionPool writes, ConnectionPool reads, ConnectionPool upkeep) {}

    /** @param meters where the pools show how they are */
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
                    .log("a pooler stands before PostgreSQL: nothing is left in a session, and nothing is prepared there");
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
     * Brings the tables up to date. Any number of instances may do so at once; one does it, the others wait: the lock is a
     * transaction's, so that a pooler does not part it from its owner.
     */
    public void migrate() {
        try {
            requireUtf8();
            // Connections of its own: a migration may take longer than a statement may
            try (var connections = new ConnectionPool(access, pools().route(), "migration", 2, FOREVER, Map.of())) {
                Flyway.configure().dataSource(connections.plain()).load().migrate();
            }
        } catch (SQLException e) {
            throw SqlErrors.explain("look at the database", e);
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
                    + "; messages need UTF8: create it with ENCODING 'UTF8'");
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

    /** In a transaction, to be committed by whoever asks. */
    Connection writes() throws SQLException {
        return pools().writes().begin();
    }

    /** In a transaction that nobody needs to commit. */
    Connection reads() throws SQLException {
        return pools().reads().begin();
    }

    /** For what is done beside all that is urgent; in a transaction, to be committed by whoever asks. */
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
