package io.rejoin.servers;

/** A Kafka broker for tests, with one node. Topics are never created automatically. Any thread may call its methods. */
public interface Broker extends AutoCloseable {
    /** The value of {@code bootstrap.servers} for clients. Restarts do not change it. */
    String bootstrapServers();

    /** Kills the broker with SIGKILL, like a crash, and waits until it is gone. Acknowledged records survive. */
    void kill();

    /** Stops the broker if it runs, starts it on the same data and address, and waits until it serves clients. */
    void restart();

    @Override
    void close();
}
