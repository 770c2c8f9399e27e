package io.rejoin.servers;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A database for one test, on a server that many tests share. */
final class OwnDatabase implements Postgres {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Postgres server;
    private final String name = "test_" + NUMBER.incrementAndGet();
    private final AtomicBoolean killed;

    /** @param killed whether a test has killed the server; shared by all databases of the server */
    OwnDatabase(Postgres server, AtomicBoolean killed) {
        this.server = server;
        this.killed = killed;
        execute("CREATE DATABASE " + name);
    }

    @Override
    public String jdbcUrl() {
        return server.jdbcUrl().substring(0, server.jdbcUrl().lastIndexOf('/') + 1) + name;
    }

    @Override
    public String user() {
        return server.user();
    }

    @Override
    public String password() {
        return server.password();
    }

    @Override
    public void kill() {
        killed.set(true);
        server.kill();
    }

    @Override
    public void restart() {
        server.restart();
        killed.set(false);
    }

    @Override
    public void close() {
        if (killed.get()) restart();
        execute("DROP DATABASE " + name + " WITH (FORCE)");
    }

    private void execute(String sql) {
        Await.success(sql, BOUND, () -> {
            try (var connection = DriverManager.getConnection(server.jdbcUrl(), user(), password());
                    var statement = connection.createStatement()) {
                statement.execute(sql);
                return true;
            } catch (SQLException e) {
                if ("42P04".equals(e.getSQLState()) || "3D000".equals(e.getSQLState())) return true; // done before
                throw e;
            }
        });
    }
}
