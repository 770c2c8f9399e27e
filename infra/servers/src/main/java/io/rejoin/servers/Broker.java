package io.rejoin.servers;

/** A Kafka broker of tests, one node. Topics are never created by themselves. Methods may be called from any thread. */
public interface Broker extends AutoCloseable {
    /** What clients set as {@code bootstrap.servers}; stays the same over restarts. */
    String bootstrapServers();

    /** SIGKILL, as a crash would; returns once the broker is gone. What was acknowledged survives. */
    void kill();

    /** Starts the broker again on the same data and address, after stopping it if it still runs; waits until it serves. */
    void restart();

    @Override
    void close();
}
