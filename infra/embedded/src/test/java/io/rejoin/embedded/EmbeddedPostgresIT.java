package io.rejoin.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class EmbeddedPostgresIT {
    @TempDir
    private Path folder;

    @Test
    void committedRowsSurviveKillAndRestartAndANewStart() throws SQLException {
        try (var postgres = EmbeddedPostgres.start(folder, 0)) {
            execute(postgres, "CREATE TABLE letter (value text)");
            execute(postgres, "INSERT INTO letter VALUES ('a')");
            var before = postgres.pid();
            postgres.kill();
            assertThat(ProcessHandle.of(before).filter(ProcessHandle::isAlive)).isEmpty();

            postgres.restart();
            assertThat(postgres.pid()).isNotEqualTo(before);
            execute(postgres, "INSERT INTO letter VALUES ('b')");
        }
        try (var postgres = EmbeddedPostgres.start(folder, 0)) {
            assertThat(read(postgres, "SELECT value FROM letter ORDER BY value")).containsExactly("a", "b");
        }
    }

    @Test
    void commitsAreDurable() throws SQLException {
        var postgres = EmbeddedPostgres.shared();
        assertThat(read(postgres, "SHOW fsync")).containsExactly("on");
        assertThat(read(postgres, "SHOW synchronous_commit")).containsExactly("on");
    }

    @Test
    void aConnectionNeedsThePassword() {
        var postgres = EmbeddedPostgres.shared();
        assertThatThrownBy(() -> DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), "guess").close())
                .isInstanceOf(SQLException.class).hasMessageContaining("password authentication failed");
    }

    @Test
    void aPortThatIsTakenIsSaidWithTheServersOwnWords() {
        try (var first = EmbeddedPostgres.start(folder.resolve("first"), 0)) {
            var port = Integer.parseInt(first.jdbcUrl().replaceAll(".*:(\\d+)/.*", "$1"));
            assertThatThrownBy(() -> EmbeddedPostgres.start(folder.resolve("second"), port))
                    .isInstanceOf(StartException.class).hasMessageContaining("postgres.log")
                    .hasMessageContaining("Address already in use");
        }
    }

    private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> read(EmbeddedPostgres postgres, String sql) throws SQLException {
        var values = new ArrayList<String>();
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            while (rows.next()) values.add(rows.getString(1));
        }
        return values;
    }
}
