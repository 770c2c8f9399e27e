package io.rejoin.history;

import io.rejoin.contracts.env.Settings;
import io.rejoin.history.store.Database;
import io.rejoin.history.store.Retention;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.tracing.TraceSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The history service's configuration, read once at start.
 *
 * @param host            address of the HTTP listener; must be on an internal network
 * @param port            0 for any free port
 * @param kafka           access to Kafka
 * @param database        access to PostgreSQL
 * @param sessionTimeout  time without heartbeats after which other instances take over the partitions; the broker
 *                        bounds it ({@code group.min.session.timeout.ms}, 6 s by default)
 * @param readConnections database connections for replay
 * @param tailBytes       memory for the newest messages, which are then served without the database; an estimate
 * @param maxWaiters      the most requests that may wait for a message at the same time
 * @param secret          the secret that readers must send; null for none
 * @param adoptedTopicId  id of the topic {@code rejoin.events} to which the operator reassigns the database; null for
 *                        none
 * @param retention       how long messages are kept
 * @param startTimeout    how long to wait at start for the topic and for PostgreSQL
 * @param traces          whether this service records its steps of traced posts
 */
public record HistoryConfig(String host, int port, KafkaAccess kafka, Database.Access database,
        Duration sessionTimeout, int readConnections, long tailBytes, int maxWaiters, @Nullable String secret,
        @Nullable String adoptedTopicId, Retention retention, Duration startTimeout,
        TraceSettings traces) {
    private static final String DEFAULT_URL = "jdbc:postgresql://127.0.0.1:5432/rejoin";

    /**
     * Reads the environment. Every variable has a default that works on one machine.
     *
     * @throws IllegalArgumentException with one line that names every unusable variable
     */
    public static HistoryConfig from(Map<String, String> env) {
        return read(new Settings(env));
    }

    /**
     * Like {@link #from}, but with settings that can report afterwards which variables the history service does not
     * know.
     */
    public static HistoryConfig read(Settings settings) {
        var config = new HistoryConfig(settings.listenHost("HISTORY_HOST", "127.0.0.1"),
                settings.integer("HISTORY_PORT", 8090, 0, 65_535),
                KafkaAccess.read(settings), database(settings),
                settings.duration("HISTORY_SESSION_TIMEOUT", "PT6S", "PT0.3S", "PT30M"),
                settings.integer("HISTORY_DB_READERS", 8, 1, 10_000),
                settings.number("HISTORY_TAIL_BYTES", 64L << 20, 0, Long.MAX_VALUE),
                settings.integer("HISTORY_MAX_WAITERS", 10_000, 0, 1_000_000),
                settings.sharedSecret("HISTORY_API_SECRET"), settings.text("HISTORY_ADOPT"),
                RetentionSettings.read(settings),
                settings.duration("HISTORY_START_TIMEOUT", "PT2M", "PT0.001S", "P1D"), TraceSettings.read(settings));
        var isOpen = settings.choice("HISTORY_API_OPEN", "no", "yes").equals("yes");
        if (config.secret() == null && !isOpen && !Settings.isLoopback(config.host()))
            settings.problem("HISTORY_HOST=" + config.host() + " lets everybody who can connect read all messages: set"
                    + " HISTORY_API_SECRET here and EDGE_HISTORY_SECRET at the edges, or HISTORY_API_OPEN=yes if only"
                    + " edges can connect");
        settings.check();
        return config;
    }

    /** A text without the secret. */
    @Override
    public String toString() {
        return "HistoryConfig[" + host + ":" + port + ", kafka=" + kafka + ", database="
                + database + ", sessionTimeout=" + sessionTimeout + ", readers=" + readConnections
                + ", tailBytes=" + tailBytes + ", maxWaiters=" + maxWaiters
                + ", secret=" + (secret == null ? "none" : "***") + ", adopt=" + adoptedTopicId
                + ", retention=" + retention
                + ", startTimeout=" + startTimeout + ", traces=" + traces + "]";
    }

    private static Database.Access database(Settings settings) {
        var url = settings.text("HISTORY_JDBC_URL", DEFAULT_URL);
        var user = settings.text("HISTORY_DB_USER", "rejoin");
        var password = Objects.requireNonNullElse(settings.secret("HISTORY_DB_PASSWORD"), "");
        try {
            return Database.Access.of(url, user, password);
        } catch (IllegalArgumentException e) {
            settings.problem("HISTORY_JDBC_URL " + e.getMessage());
            return Database.Access.of(DEFAULT_URL, user, password);
        }
    }
}
