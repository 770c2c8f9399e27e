package io.rejoin.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.env.Program;
import io.rejoin.listener.tls.Pem;
import io.rejoin.listener.tls.PemFiles;
import io.rejoin.servers.Broker;
import io.rejoin.servers.Postgres;
import io.rejoin.servers.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests history with a PostgreSQL server that uses TLS with a test certificate. */
class PostgresTlsIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final List<String> SETTINGS = List.of("ssl", "ssl_cert_file", "ssl_key_file");

    @TempDir
    private static Path folder;
    private static Broker kafka;
    private static EventLog log;
    private static Postgres postgres;
    private static PemFiles server;

    @BeforeAll
    static void serveTls() throws Exception {
        kafka = Servers.emptyBroker();
        log = new EventLog(kafka.bootstrapServers(), 1);
        postgres = Servers.database();
        server = Pem.put(folder, "rsa.pem", "rsa.key");
        writeFile("test-server.crt", server.certificates());
        writeFile("test-server.key", server.key());
        sql("ALTER SYSTEM SET ssl_cert_file = 'test-server.crt'", "ALTER SYSTEM SET ssl_key_file = 'test-server.key'",
                "ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()");
    }

    @AfterAll
    static void resetTls() throws Exception {
        for (var each : SETTINGS) sql("ALTER SYSTEM RESET " + each);
        sql("SELECT pg_reload_conf()");
        postgres.close();
        log.close();
        kafka.close();
    }

    @Test
    void historyVerifiesTheServer() throws Exception {
        try (var history = new Services.Running(
                environment("sslmode=verify-full&sslrootcert=" + server.certificates()))) {
            var room = Services.room("tls");
            log.post(room, 1, 3);
            await().atMost(TIMEOUT).until(() -> history.client().page(room, "&after=0").messages().size() == 3);
            assertThat(plainConnections()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ec.pem", "not-there.pem"})
    void anUntrustedServerIsRefused(String root) throws IOException {
        var other = Pem.put(Files.createDirectories(folder.resolve("other")), "ec.pem", "ec.key").certificates();
        var trusted = root.equals("ec.pem") ? other : folder.resolve(root);
        var config = HistoryConfig.from(environment("sslmode=verify-full&sslrootcert=" + trusted));
        assertThatThrownBy(() -> History.start(config, _ -> {})).isInstanceOf(IllegalStateException.class)
                .satisfies(e -> assertThat(Program.explained(e)).contains("over TLS", "sslrootcert"));
    }

    private static Map<String, String> environment(String parameters) {
        var environment = new HashMap<>(Services.environment(kafka, postgres));
        environment.merge("HISTORY_JDBC_URL", "?" + parameters, String::concat);
        environment.put("HISTORY_START_TIMEOUT", "PT2S");
        return environment;
    }

    /** Counts connections without TLS, other than the one of this query. */
    private static long plainConnections() throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var statement = connection.createStatement();
                var rows = statement
                        .executeQuery("SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
                                + " WHERE a.datname = current_database() AND pid <> pg_backend_pid() AND NOT s.ssl")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Writes a file on the server's host, which may be a container. Only the server may read the file. */
    private static void writeFile(String name, Path content) throws SQLException, IOException {
        var lines = "'" + String.join("', '", Files.readAllLines(content)) + "'";
        sql("COPY (SELECT unnest(ARRAY[" + lines + "])) TO PROGRAM 'umask 077 && cat > " + name + "'");
    }

    private static void sql(String... statements) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var statement = connection.createStatement()) {
            for (var each : statements) statement.execute(each);
        }
    }
}
