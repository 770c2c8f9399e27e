package io.rejoin.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A PostgreSQL server in child processes, on the loopback address, with its data below one folder. It ends with this process,
 * however that ends. Commits are durable ({@code fsync} and {@code synchronous_commit} are on). Methods may be called from any
 * thread.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(8);

    private static final class Shared {
        private static final EmbeddedPostgres SERVER = temporary();
    }

    private final Cluster cluster;
    private final int port;
    private final FolderLock lock;
    private final String password;
    private Child child;

    private EmbeddedPostgres(Cluster cluster, int port, FolderLock lock) throws IOException {
        this.cluster = cluster;
        this.port = port;
        this.lock = lock;
        this.password = cluster.password();
        this.child = launch();
    }

    /**
     * Starts a server and waits until it serves clients; the first start of a folder creates the database.
     *
     * @param data its folder, created if missing; a server that an earlier process left there is stopped first
     * @param port where clients connect; 0 takes any free one
     * @throws StartException if it does not get ready, or the folder is in use
     */
    public static EmbeddedPostgres start(Path data, int port) {
        var folder = data.toAbsolutePath().normalize();
        var lock = FolderLock.take(folder);
        try {
            var cluster = new Cluster(PostgresPrograms.folder(), folder);
            cluster.stopLeftover();
            cluster.create();
            return new EmbeddedPostgres(cluster, port == 0 ? Ports.free() : port, lock);
        } catch (IOException e) {
            lock.close();
            throw new UncheckedIOException("set PostgreSQL up in " + folder, e);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** One server for all tests of this JVM, started when first asked for, gone with its data when the JVM ends. */
    public static EmbeddedPostgres shared() {
        return Shared.SERVER;
    }

    /** Starts a server in a temporary folder; both are gone when this JVM ends. */
    public static EmbeddedPostgres temporary() {
        var folder = TestFolder.create("postgres");
        var started = start(folder, 0);
        TestFolder.deleteAtExit(folder, started::kill);
        return started;
    }

    /** The address of its only database, without user and password; stays the same over restarts. */
    public String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    /** A superuser. */
    public String user() {
        return Cluster.USER;
    }

    /** Chosen at random when the folder was created, and kept in it. */
    public String password() {
        return password;
    }

    /** The process that the others are children of. */
    public synchronized long pid() {
        return child.pid();
    }

    /** SIGKILL of the main process, as a crash would; returns once it and its children are gone. */
    public synchronized void kill() {
        child.kill();
    }

    /** Starts the server again on the same data and port, after stopping it if it still runs; waits until it serves. */
    public synchronized void restart() {
        stop();
        child = launch();
    }

    /** Ends all sessions and stops in order, which becomes a SIGKILL after {@code STOP}. */
    @Override
    public synchronized void close() {
        stop();
        lock.close();
    }

    private void stop() {
        if (child.isAlive()) Launch.signal("INT", child.pid()); // "fast shutdown": does not wait for sessions to end
        if (!child.awaitEnd(STOP)) child.kill();
    }

    private Child launch() {
        var started = Child.start("postgres", cluster.serverCommand(port), cluster.log(),
                "database system is ready to accept connections");
        started.awaitReady(START);
        return started;
    }
}
