package io.rejoin.history;

import static io.rejoin.history.Services.room;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.rejoin.history.store.StoreException;
import io.rejoin.servers.Broker;
import io.rejoin.servers.DedicatedServers;
import io.rejoin.servers.Postgres;
import io.rejoin.servers.Servers;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** Kafka or PostgreSQL fails while the service runs. The service must recover without help. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class OutageIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(90);

    private static DedicatedServers servers;

    private Broker kafka;
    private Postgres postgres;
    private EventLog log;
    private final List<String> sqlStates = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.rejoin.history.ingest.IngestLoop");
    private final AppenderBase<ILoggingEvent> listener = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            for (var pair : Objects.requireNonNullElse(event.getKeyValuePairs(), List.<KeyValuePair>of())) {
                if (pair.value instanceof StoreException e && e.getCause() instanceof SQLException sql)
                    sqlStates.add(String.valueOf(sql.getSQLState()));
            }
        }
    };

    @BeforeAll
    static void startServers() {
        servers = Servers.own();
    }

    @AfterAll
    static void closeServers() {
        servers.close();
    }

    @BeforeEach
    void start() {
        kafka = servers.emptyBroker();
        postgres = servers.database();
        log = new EventLog(kafka.bootstrapServers(), 2);
        listener.start();
        logger.addAppender(listener);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(listener);
        log.close();
        postgres.close();
        kafka.close();
    }

    /** A service that keeps no messages in memory, so that every answer comes from the database. */
    private Services.Running service() throws InterruptedException {
        Map<String, String> environment = new HashMap<>(Services.environment(kafka, postgres));
        environment.put("HISTORY_TAIL_BYTES", "0");
        return new Services.Running(environment);
    }

    private void sql(String... statements) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var statement = connection.createStatement()) {
            for (var sql : statements) statement.execute(sql);
        }
    }

    /** Waits until the ingest has logged a failure with that SQLSTATE. */
    private void awaitLoggedFailure(String state) {
        await().atMost(TIMEOUT)
                .until(() -> List.copyOf(sqlStates).stream().anyMatch(sqlState -> sqlState.contains(state)));
    }

    private static List<Long> seqs(long to) {
        return LongStream.rangeClosed(1, to).boxed().toList();
    }

    @Test
    void nothingIsLostWhenPostgresIsKilledDuringIngest() throws Exception {
        var room = room("postgres");
        try (var service = service()) {
            var client = service.client();
            log.post(room, 1, 2_000);
            client.page(room, "&after=0&to=1&wait_ms=30000"); // some messages are stored
            postgres.kill();
            log.post(room, 2_001, 4_000);

            var refused = client.get("/v1/messages?room=" + room.key());
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(new String(refused.body(), UTF_8)).startsWith("{\"code\":\"unavailable\"");
            assertThat(refused.headers().firstValue("Retry-After")).contains("1");
            await().atMost(TIMEOUT).until(() -> client.get("/health/ready").statusCode() == 503);
            assertThat(new String(client.get("/health").body(), UTF_8)).contains("\"status\":\"unready\"",
                    "\"kafka\":{\"state\":\"up\"", "\"postgres\":{\"state\":\"down\"", "unreachable: ");
            assertThat(client.get("/health/live").statusCode()).isEqualTo(200);

            postgres.restart();
            log.post(room, 4_001, 4_100);
            await().atMost(TIMEOUT).ignoreExceptions()
                    .untilAsserted(() -> assertThat(client.seqs(room)).isEqualTo(seqs(4_100)));
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(client.get("/health/ready").statusCode()).isEqualTo(200));
        }
    }

    /** A trigger simulates a full disk. A setting simulates a primary that became a standby. */
    @Test
    void aDatabaseThatRefusesWritesIsRetriedWithoutDeadLetters() throws Exception {
        var room = room("full");
        try (var service = service()) {
            var client = service.client();
            log.post(room, 1, 10);
            client.page(room, "&after=9&to=10&wait_ms=30000");
            sql("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
                    + " $$BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END$$",
                    "CREATE TRIGGER full_disk BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION full_disk()");
            log.post(room, 11, 20);
            awaitLoggedFailure("53100");
            sql("ALTER DATABASE " + postgres.name() + " SET default_transaction_read_only = on",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'rejoin-%'");
            log.post(room, 21, 30);
            awaitLoggedFailure("25006");
            await().atMost(TIMEOUT).ignoreExceptions() // until the pool has replaced the ended connections
                    .untilAsserted(() -> assertThat(client.seqs(room)).isEqualTo(seqs(10))); // reads still work
            sql("SET default_transaction_read_only = off",
                    "ALTER DATABASE " + postgres.name() + " RESET default_transaction_read_only",
                    "DROP TRIGGER full_disk ON message",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'rejoin-%'");

            await().atMost(TIMEOUT).ignoreExceptions()
                    .untilAsserted(() -> assertThat(client.seqs(room)).isEqualTo(seqs(30)));
            assertThat(log.deadLetters()).isEmpty();
        }
    }

    @Test
    void aBrokerRestartLosesNothing() throws Exception {
        var room = room("broker");
        try (var service = service()) {
            var client = service.client();
            log.post(room, 1, 500);
            client.page(room, "&after=0&to=1&wait_ms=30000");
            kafka.kill();
            await().atMost(TIMEOUT).untilAsserted(() -> assertThat(new String(client.get("/health").body(), UTF_8))
                    .contains("\"status\":\"degraded\"", "\"postgres\":{\"state\":\"up\"",
                            "\"kafka\":{\"state\":\"down\""));
            assertThat(client.get("/health/ready").statusCode()).isEqualTo(200);
            kafka.restart();
            log.post(room, 501, 1_000);

            await().atMost(TIMEOUT).untilAsserted(() -> assertThat(client.seqs(room)).isEqualTo(seqs(1_000)));
        }
    }
}
