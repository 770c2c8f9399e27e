package io.rejoin.servers;

/**
 * A PostgreSQL database for tests, with a superuser. Commits are durable ({@code fsync} and {@code synchronous_commit}
 * are on). Any thread may call its methods.
 */
public interface Postgres extends AutoCloseable {
    /** The address without user and password, {@code jdbc:postgresql://host:port/name}. Restarts do not change it. */
    String jdbcUrl();

    default String name() {
        return jdbcUrl().substring(jdbcUrl().lastIndexOf('/') + 1);
    }

    String user();

    String password();

    /** Kills the server with SIGKILL, like a crash, and waits until it is gone. */
    void kill();

    /** Stops the server if it runs, starts it on the same data and address, and waits until it serves clients. */
    void restart();

    @Override
    void close();
}
