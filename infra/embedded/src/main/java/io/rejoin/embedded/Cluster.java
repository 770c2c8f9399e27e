package io.rejoin.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * PostgreSQL's files in one data folder, and the commands that work on them. PostgreSQL's manual calls such files a
 * "database cluster".
 */
record Cluster(Path programs, Path folder) {
    static final String USER = "rejoin";

    private Path database() {
        return folder.resolve("database");
    }

    private Path passwordFile() {
        return folder.resolve("password");
    }

    Path log() {
        return folder.resolve("postgres.log");
    }

    String password() throws IOException {
        return Files.readString(passwordFile()).strip();
    }

    /** Creates the files unless they exist. Starts an interrupted creation again from the beginning. */
    void create() throws IOException {
        if (Files.isDirectory(database())) return;
        writePassword();
        var fresh = folder.resolve("database.new");
        if (Files.isDirectory(fresh)) TestFolder.delete(fresh);
        var initdb = Child.start("initdb", Launch.notAsRoot(Launch.signalled("KILL", List.of(
                programs.resolve("initdb").toString(), "-D", fresh.toString(), "--username=" + USER,
                "--pwfile=" + passwordFile(), "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-messages=C"))), log(), "Success.");
        initdb.awaitReady(Duration.ofMinutes(2));
        initdb.awaitEnd(Duration.ofSeconds(20));
        Files.move(fresh, database(), ATOMIC_MOVE);
    }

    private void writePassword() throws IOException {
        var random = new byte[16];
        new SecureRandom().nextBytes(random);
        Files.deleteIfExists(passwordFile());
        Files.createFile(passwordFile(),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(passwordFile(), HexFormat.of().formatHex(random).getBytes(UTF_8));
    }

    /**
     * The server's command line. When the parent dies, the server gets INT, its signal for an immediate but orderly
     * stop.
     */
    List<String> serverCommand(int port) {
        var command = new ArrayList<>(
                List.of(programs.resolve("postgres").toString(), "-D", database().toString(), "-p",
                        Integer.toString(port)));
        // "log" omits errors of clients, which the clients see themselves. It keeps starts, stops, recoveries and
        // severe errors.
        for (var setting : List.of("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=on",
                "synchronous_commit=on", "max_connections=100", "log_min_messages=log", "log_checkpoints=off")) {
            command.add("-c");
            command.add(setting);
        }
        return Launch.notAsRoot(Launch.signalled("INT", command));
    }

    /** Stops a server of an earlier process that still runs on these files. */
    void stopLeftover() {
        var found = Leftover.find(database().resolve("postmaster.pid"), database().toString());
        if (found.isEmpty()) return;
        var server = found.get();
        for (var signal : List.of("INT", "QUIT", "KILL")) {
            Launch.signal(signal, server.pid());
            if (Leftover.awaitEnd(server, Duration.ofSeconds(8))) return;
        }
        throw new StartException("a PostgreSQL server of an earlier run, process " + server.pid() + ", uses " + folder
                + " and cannot be stopped; kill it by hand");
    }
}
