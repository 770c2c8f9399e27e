package io.rejoin.history.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * A pool of connections whose sessions have settings of their own: directly they are given at the start of a session; through a
 * pooler within each transaction, since other clients have the same session before and after.
 */
final class ConnectionPool implements AutoCloseable {
    static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration VALIDATION = Duration.ofSeconds(2);

    private final HikariDataSource pool;
    /** What sets them; empty where the sessions have them already. */
    private final String inTransaction;

    /**
     * Connects nothing yet.
     *
     * @param answer   the longest a statement may take: a server that hangs must not hang us; zero is without bound
     * @param settings of the sessions, more of them
     */
    ConnectionPool(Database.Access access, Route route, String name, int size, Duration answer,
            Map<String, String> settings) {
        var all = new TreeMap<>(settings);
        all.put("statement_timeout", String.valueOf(answer.isZero() ? 0 : answer.minusSeconds(1).toMillis()));
        var config = new HikariConfig();
        config.setPoolName("history-" + name);
        config.setJdbcUrl(access.url().url());
        config.setDataSourceProperties(properties(access, name, answer));
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECT.toMillis());
        config.setValidationTimeout(VALIDATION.toMillis());
        config.setInitializationFailTimeout(-1);
        switch (route) {
            case DIRECT -> config.addDataSourceProperty("options", all.entrySet().stream()
                    .map(each -> "-c " + each.getKey() + "=" + each.getValue()).collect(Collectors.joining(" ")));
            case POOLED -> config.addDataSourceProperty("prepareThreshold", "0"); // a prepared statement is a session's
        }
        this.inTransaction = route == Route.DIRECT
                ? ""
                : all.entrySet().stream()
                        .map(each -> "SET LOCAL " + each.getKey() + " = " + each.getValue())
                        .collect(Collectors.joining("; "));
        this.pool = new HikariDataSource(config);
    }

    static Properties properties(Database.Access access, String name, Duration answer) {
        var properties = access.properties();
        properties.setProperty("ApplicationName", "rejoin-history-" + name);
        properties.setProperty("connectTimeout", String.valueOf(CONNECT.toSeconds()));
        properties.setProperty("socketTimeout", String.valueOf(answer.toSeconds()));
        properties.setProperty("tcpKeepAlive", "true");
        return properties;
    }

    /** Shows how many of its connections are in use, and how long they are waited for: {@code hikaricp_*}. */
    void show(MeterRegistry meters) {
        pool.setMetricRegistry(meters);
    }

    /** For whoever makes transactions of its own, and needs none of the settings. */
    DataSource plain() {
        return pool;
    }

    /** In a transaction, which ends when it is closed: committed if that was asked for, else rolled back. */
    Connection begin() throws SQLException {
        var connection = pool.getConnection();
        try {
            connection.setAutoCommit(false);
            if (!inTransaction.isEmpty()) set(connection);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private void set(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(inTransaction);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
