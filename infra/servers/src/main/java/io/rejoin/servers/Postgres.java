package io.rejoin.servers;

/**
 * A PostgreSQL database of tests, with a superuser. Commits are durable ({@code fsync} and {@code synchronous_commit} are on).
 * Methods may be called from any thread.
 */
public interface Postgres extends AutoCloseable {
    /** Its address, without user and password, {@code jdbc:postgresql://host:port/name}; stays the same over restarts. */
    String jdbcUrl();

    default String name() {
        return jdbcUrl().substring(jdbcUrl().lastIndexOf('/') + 1);
    }

    String user();

    String password();

    /** SIGKILL of the server, as a crash would; returns once it is gone. */
    void kill();

    /** Starts the server again on the same data and address, after stopping it if it still runs; waits until it serves. */
    void restart();

    @Override
    void close();
}
