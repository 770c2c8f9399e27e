package io.rejoin.history;

import io.rejoin.history.store.Database;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;

/**
 * The history service's configuration, read once at start.
 *
 * @param host             address of the HTTP listener; it belongs on an internal network
 * @param port             0 is any free one
 * @param bootstrapServers of Kafka
 * @param database         how to reach PostgreSQL
 * @param sessionTimeout   silence after which another instance takes the partitions over; the broker bounds it
 *                         ({@code group.min.session.timeout.ms}, 6 s by default)
 * @param readers          database connections for replay
 * @param tailBytes        memory for the last messages, which are then read without the database; by estimate
 * @param maxWaiters       requests that may wait for a message at the same time
 * @param startTimeout     how long to wait at start for the topic and for PostgreSQL
 */
public record HistoryConfig(String host, int port, String bootstrapServers, Database.Access database,
        Duration sessionTimeout, int readers, long tailBytes, int maxWaiters, Duration startTimeout) {
    public HistoryConfig {
        check(port >= 0 && port <= 65_535, "HISTORY_PORT", port);
        check(sessionTimeout.toMillis() >= 300, "HISTORY_SESSION_TIMEOUT", sessionTimeout);
        check(readers >= 1, "HISTORY_DB_READERS", readers);
        check(tailBytes >= 0, "HISTORY_TAIL_BYTES", tailBytes);
        check(maxWaiters >= 0, "HISTORY_MAX_WAITERS", maxWaiters);
        check(startTimeout.isPositive(), "HISTORY_START_TIMEOUT", startTimeout);
    }

    /**
     * Reads the environment; every value has a default that works on one machine.
     *
     * @throws IllegalArgumentException naming the variable that is wrong
     */
    public static HistoryConfig from(Map<String, String> env) {
        var database = new Database.Access(
                env.getOrDefault("HISTORY_JDBC_URL", "jdbc:postgresql://127.0.0.1:5432/rejoin"),
                env.getOrDefault("HISTORY_DB_USER", "rejoin"), env.getOrDefault("HISTORY_DB_PASSWORD", ""));
        if (!database.jdbcUrl().startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("HISTORY_JDBC_URL must begin with jdbc:postgresql:");
        }
        return new HistoryConfig(env.getOrDefault("HISTORY_HOST", "127.0.0.1"),
                (int) number(env, "HISTORY_PORT", 8090, Integer.MAX_VALUE),
                env.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"), database,
                duration(env, "HISTORY_SESSION_TIMEOUT", "PT6S"),
                (int) number(env, "HISTORY_DB_READERS", 8, Integer.MAX_VALUE),
                number(env, "HISTORY_TAIL_BYTES", 64L << 20, Long.MAX_VALUE),
                (int) number(env, "HISTORY_MAX_WAITERS", 10_000, Integer.MAX_VALUE),
                duration(env, "HISTORY_START_TIMEOUT", "PT2M"));
    }

    private static long number(Map<String, String> env, String name, long otherwise, long max) {
        var value = env.get(name);
        if (value == null) return otherwise;
        try {
            var number = Long.parseLong(value);
            if (number >= 0 && number <= max) return number;
        } catch (NumberFormatException _) { // said below
        }
        throw new IllegalArgumentException(name + " must be a whole number from 0 to " + max + ", not " + value);
    }

    private static Duration duration(Map<String, String> env, String name, String otherwise) {
        var value = env.getOrDefault(name, otherwise);
        try {
            return Duration.parse(value);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(name + " must be a duration such as PT6S, not " + value, e);
        }
    }

    private static void check(boolean holds, String name, Object value) {
        if (!holds) throw new IllegalArgumentException(name + " is out of range: " + value);
    }
}
