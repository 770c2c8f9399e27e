package io.rejoin.history;

import static org.awaitility.Awaitility.await;

import io.rejoin.embedded.Ports;
import io.rejoin.servers.Postgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A PgBouncer in front of a PostgreSQL server, as a child process. */
final class PgBouncer implements AutoCloseable {
    /** More sessions than two instances of history hold, which is 11 each, so that other clients get one. */
    private static final int MAX_SESSIONS = 30;
    /** Debian installs it outside the users' search path. */
    private static final List<Path> PROGRAM_PATHS = Stream
            .of("/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
            .map(folder -> Path.of(folder, "pgbouncer")).toList();

    private final int port = Ports.free();
    private final String database;
    private final Process process;

    static boolean isInstalled() {
        return PROGRAM_PATHS.stream().anyMatch(Files::isExecutable);
    }

    /** @param mode session or transaction; in the latter, each transaction may get another of four sessions */
    PgBouncer(Postgres postgres, String mode, Path folder) {
        var url = postgres.jdbcUrl(); // jdbc:postgresql://127.0.0.1:1234/postgres
        this.database = url.replaceAll(".*/|\\?.*", "");
        var isRoot = "root".equals(System.getProperty("user.name"));
        var settings = List.of("[databases]",
                "* = host=127.0.0.1 port=" + url.replaceAll(".*:([0-9]+)/.*", "$1") + " user=" + postgres.user()
                        + " password='" + postgres.password() + "'",
                "[pgbouncer]", "listen_addr = 127.0.0.1", "listen_port = " + port, "unix_socket_dir =",
                "auth_type = any",
                "pool_mode = " + mode, "default_pool_size = " + (mode.equals("session") ? MAX_SESSIONS : 4),
                isRoot ? "user = nobody" : "; not as root");
        try {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            var file = Files.write(folder.resolve(mode + ".ini"), settings);
            var program = PROGRAM_PATHS.stream().filter(Files::isExecutable).findFirst().orElseThrow();
            this.process = new ProcessBuilder(program.toString(), "-q", file.toString())
                    .redirectErrorStream(true).redirectOutput(folder.resolve(mode + ".log").toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
            new Socket(InetAddress.getLoopbackAddress(), port).close();
            return true;
        });
    }

    String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
