package io.rejoin.tools;

import static io.rejoin.tools.Samples.event;
import static io.rejoin.tools.Samples.posted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.history.History;
import io.rejoin.history.HistoryConfig;
import io.rejoin.servers.Broker;
import io.rejoin.servers.Postgres;
import io.rejoin.servers.Servers;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Runs the tool against history: history stores a replayed event although it has taken later ones, and erases a user.
 */
class HistoryReplayIT {
    private static final String SECRET = "a-shared-secret-of-ours";
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Broker kafka = Servers.broker();
    private final Postgres postgres = Servers.database();

    @AfterEach
    void drop() {
        postgres.close();
    }

    @Test
    void aMessageThatPostgresRefusedIsStoredOnceItIsReplayed() throws Exception {
        var deaths = new CopyOnWriteArrayList<Throwable>();
        try (var log = new TestLog(kafka.bootstrapServers())) {
            log.create(TopicNames.PLAIN.events(), 1);
            log.create(TopicNames.PLAIN.deadLetters(), 1);
            try (var _ = History.start(HistoryConfig.from(environment()), deaths::add)) {
                sql("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$BEGIN RAISE EXCEPTION 'no second' USING ERRCODE = '22000'; END$$");
                sql("CREATE TRIGGER no_second BEFORE INSERT ON message FOR EACH ROW WHEN (NEW.seq = 2)"
                        + " EXECUTE FUNCTION refuse()");
                for (var seq = 1; seq <= 4; seq++) log.send(event(posted(seq), new Source(0, seq, 0)));
                await().atMost(LONG).untilAsserted(() -> assertThat(seqs()).containsExactly(1L, 3L, 4L));
                sql("DROP TRIGGER no_second ON message");

                var run = log.run("dead-letters", "replay", "--all", "--topic", TopicNames.PLAIN.events());

                assertThat(run.out()).contains("replayed, is now rejoin.events-0@4");
                assertThat(run.code()).isZero();
                log.send(event(posted(5), new Source(0, 5, 0)));
                await().atMost(LONG).untilAsserted(() -> assertThat(seqs()).containsExactly(1L, 2L, 3L, 4L, 5L));
            }
        }
        assertThat(deaths).isEmpty();
    }

    @Test
    void aUserIsErasedOnceItIsMeant() throws Exception {
        var environment = new HashMap<>(environment());
        environment.put("HISTORY_API_SECRET", SECRET);
        try (var log = new TestLog(kafka.bootstrapServers())) {
            log.create(TopicNames.PLAIN.events(), 1);
            log.create(TopicNames.PLAIN.deadLetters(), 1);
            try (var history = History.start(HistoryConfig.from(environment), _ -> {})) {
                var url = "http://127.0.0.1:" + history.port();
                try (var ctl = new TestLog(kafka.bootstrapServers(),
                        Map.of("EDGE_HISTORY_URL", url, "EDGE_HISTORY_SECRET", SECRET))) {
                    assertThat(ctl.run("erase-user", "ann b").code()).isEqualTo(2);
                    assertThat(ctl.run("erase-user", "ann b", "--status").err()).contains("no erasure");
                    var erased = ctl.run("erase-user", "ann b", "--yes", "--json");
                    assertThat(erased.code()).as(erased.err()).isZero();
                    assertThat(erased.out()).contains("\"user\":\"default/ann b\",\"state\":\"done\"");
                    assertThat(ctl.run("erase-user", "ann b", "--status").code()).isZero();
                }
                try (var stranger = new TestLog(kafka.bootstrapServers(), Map.of("EDGE_HISTORY_URL", url))) {
                    var refused = stranger.run("erase-user", "ann b", "--yes");
                    assertThat(refused.code()).isEqualTo(1);
                    assertThat(refused.err()).contains("401", "EDGE_HISTORY_SECRET");
                }
            }
        }
    }

    private Map<String, String> environment() {
        return Map.of("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers(), "HISTORY_PORT", "0", "HISTORY_JDBC_URL",
                postgres.jdbcUrl(), "HISTORY_DB_USER", postgres.user(), "HISTORY_DB_PASSWORD", postgres.password());
    }

    private void sql(String statement) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var change = connection.createStatement()) {
            change.execute(statement);
        }
    }

    private List<Long> seqs() throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var query = connection.createStatement();
                var rows = query.executeQuery("SELECT seq FROM message ORDER BY seq")) {
            var seqs = new ArrayList<Long>();
            while (rows.next()) seqs.add(rows.getLong(1));
            return seqs;
        }
    }
}
