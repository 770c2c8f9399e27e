package io.rejoin.history;

import static io.rejoin.history.Services.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rejoin.servers.Broker;
import io.rejoin.servers.Servers;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests history through PgBouncer. PgBouncer supports few start-up parameters, and may use another session for each
 * transaction.
 */
class PgBouncerIT {
    @TempDir
    private static Path folder;

    private static Broker kafka;
    private static EventLog log;

    @BeforeAll
    static void start() {
        assumeThat(PgBouncer.isInstalled()).as("pgbouncer is installed").isTrue();
        kafka = Servers.emptyBroker();
        log = new EventLog(kafka.bootstrapServers(), 3);
    }

    @AfterAll
    static void stop() {
        if (kafka == null) return;
        log.close();
        kafka.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"session", "transaction"})
    void historyMigratesWritesAndReadsThroughIt(String mode) throws Exception {
        try (var postgres = Servers.database();
                var bouncer = new PgBouncer(postgres, mode, folder)) {
            var environment = new HashMap<>(Services.environment(kafka, postgres));
            environment.put("HISTORY_JDBC_URL", bouncer.jdbcUrl());
            environment.put("HISTORY_TAIL_BYTES", "0"); // every read uses the database
            try (var first = new Services.Running(environment); var second = new Services.Running(environment)) {
                var room = room(mode);
                log.post(room, 1, 300);
                for (var client : List.of(first.client(), second.client())) {
                    client.page(room, "&limit=500&after=0&to=300&wait_ms=30000");
                    assertThat(client.seqs(room)).isEqualTo(LongStream.rangeClosed(1, 300).boxed().toList());
                }
                readConcurrently(first.client(), second.client(), mode);
                assertThat(first.client().get("/health").statusCode()).isEqualTo(200);
                assertSessionsAreClean(bouncer);
            }
        }
    }

    /**
     * Reads far more often than the driver's threshold for server-side prepared statements, with more concurrent reads
     * than sessions.
     */
    private static void readConcurrently(ReplayClient one, ReplayClient other, String mode) throws Exception {
        var room = room("many-" + mode);
        log.post(room, 1, 40);
        one.page(room, "&limit=500&after=0&to=40&wait_ms=30000");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var reads = new ArrayList<Future<Integer>>();
            for (var n = 0; n < 400; n++) {
                var client = n % 2 == 0 ? one : other;
                var after = n % 40;
                reads.add(threads.submit(() -> client.page(room, "&after=" + after).messages().size()));
            }
            for (var n = 0; n < reads.size(); n++) assertThat(reads.get(n).get()).isEqualTo(40 - n % 40);
        }
    }

    private static void assertSessionsAreClean(PgBouncer bouncer) throws SQLException {
        for (var n = 0; n < 8; n++) {
            try (var connection = DriverManager.getConnection(bouncer.jdbcUrl(), "anybody", "");
                    var statement = connection.createStatement();
                    var row = statement.executeQuery(
                            "SELECT current_setting('enable_seqscan'), current_setting('statement_timeout'),"
                                    + " (SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql),"
                                    + " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')")) {
                assertThat(row.next()).isTrue();
                assertThat(row.getString(1)).isEqualTo("on");
                assertThat(row.getString(2)).isEqualTo("0");
                assertThat(row.getInt(3)).isZero();
                assertThat(row.getInt(4)).isZero();
            }
        }
    }
}
