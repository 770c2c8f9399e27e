package io.rejoin.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A PostgreSQL server in child processes. The server listens on the loopback address and keeps its data below one
 * folder. It ends with this process, even when this process is killed. Commits are durable ({@code fsync} and
 * {@code synchronous_commit} are on). Any thread may call its methods.
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
     * Starts a server and waits until it serves clients. The first start in a folder creates the database.
     *
     * @param data the data folder, created if missing; a server of an earlier process that still uses it is stopped
     *             first
     * @param port where clients connect; 0 for any free port
     * @throws StartException if the server does not become ready, or the folder is in use
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
            throw new UncheckedIOException("cannot set up PostgreSQL in " + folder, e);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /**
     * The server that all tests of this JVM share. It starts with the first call. The server and its data are removed
     * when the JVM ends.
     */
    public static EmbeddedPostgres shared() {
        return Shared.SERVER;
    }

    /** Starts a server in a temporary folder. Both are removed when this JVM ends. */
    public static EmbeddedPostgres temporary() {
        var folder = TestFolder.create("postgres");
        var started = start(folder, 0);
        TestFolder.deleteAtExit(folder, started::kill);
        return started;
    }

    /** The JDBC URL of the only database, without user and password. Restarts do not change it. */
    public String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    /** The name of a superuser. */
    public String user() {
        return Cluster.USER;
    }

    /** The superuser's password. It is random, created with the folder, and stored there. */
    public String password() {
        return password;
    }

    /** The pid of the main process, which is the parent of all other server processes. */
    public synchronized long pid() {
        return child.pid();
    }

    /** Kills the main process with SIGKILL, like a crash, and waits until it and its children are gone. */
    public synchronized void kill() {
        child.kill();
    }

    /** Stops the server if it runs, starts it on the same data and port, and waits until it serves clients. */
    public synchronized void restart() {
        stop();
        child = launch();
    }

    /** Ends all sessions and stops the server. If that takes longer than {@code STOP}, kills it with SIGKILL. */
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
