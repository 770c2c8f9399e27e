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
 * A pool of connections with session settings. On a direct connection, the settings are given at the start of the
 * session. Through a pooler, each transaction sets them, because other clients use the same session before and after.
 */
final class ConnectionPool implements AutoCloseable {
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration VALIDATION_TIMEOUT = Duration.ofSeconds(2);

    private final HikariDataSource pool;
    /** The SQL that sets the settings in a transaction; empty on direct connections. */
    private final String transactionSettings;

    /**
     * Creates the pool without connecting.
     *
     * @param answerTimeout how long to wait for the server's answer, so that a server that hangs blocks no caller; zero
     *                      for no limit. The server cancels a statement one second earlier. So a slow server that does
     *                      not hang reports an error in time, and the connection can be used again
     * @param settings      further session settings, by name
     */
    ConnectionPool(Database.Access access, ConnectionType connectionType, String name, int size, Duration answerTimeout,
            Map<String, String> settings) {
        var allSettings = new TreeMap<>(settings);
        allSettings.put("statement_timeout",
                String.valueOf(answerTimeout.isZero() ? 0 : answerTimeout.minusSeconds(1).toMillis()));
        var config = new HikariConfig();
        config.setPoolName("history-" + name);
        config.setJdbcUrl(access.url().url());
        config.setDataSourceProperties(properties(access, name, answerTimeout));
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECT_TIMEOUT.toMillis());
        config.setValidationTimeout(VALIDATION_TIMEOUT.toMillis());
        config.setInitializationFailTimeout(-1);
        switch (connectionType) {
            case DIRECT -> config.addDataSourceProperty("options", allSettings.entrySet().stream()
                    .map(each -> "-c " + each.getKey() + "=" + each.getValue()).collect(Collectors.joining(" ")));
            case POOLED -> config.addDataSourceProperty("prepareThreshold", "0"); // statements belong to a session
        }
        this.transactionSettings = connectionType == ConnectionType.DIRECT
                ? ""
                : allSettings.entrySet().stream()
                        .map(each -> "SET LOCAL " + each.getKey() + " = " + each.getValue())
                        .collect(Collectors.joining("; "));
        this.pool = new HikariDataSource(config);
    }

    static Properties properties(Database.Access access, String name, Duration answerTimeout) {
        var properties = access.properties();
        properties.setProperty("ApplicationName", "rejoin-history-" + name);
        properties.setProperty("connectTimeout", String.valueOf(CONNECT_TIMEOUT.toSeconds()));
        properties.setProperty("socketTimeout", String.valueOf(answerTimeout.toSeconds()));
        properties.setProperty("tcpKeepAlive", "true");
        return properties;
    }

    /** Publishes the pool's metrics {@code hikaricp_*}: connections in use and waiting times. */
    void registerMetrics(MeterRegistry registry) {
        pool.setMetricRegistry(registry);
    }

    /** The plain pool, for callers that make their own transactions and need none of the settings. */
    DataSource dataSource() {
        return pool;
    }

    /**
     * Begins a transaction. Closing the connection ends the transaction: with a rollback, unless it was committed
     * before.
     */
    Connection beginTransaction() throws SQLException {
        var connection = pool.getConnection();
        try {
            connection.setAutoCommit(false);
            if (!transactionSettings.isEmpty()) applySettings(connection);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private void applySettings(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(transactionSettings);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
