package io.rejoin.servers;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A broker and a PostgreSQL server that are not shared with other tests. They offer the same as the shared ones of
 * {@link Servers}.
 */
public final class DedicatedServers implements AutoCloseable {
    private final Broker broker;
    private final Postgres postgres;
    private final AtomicBoolean lent = new AtomicBoolean();
    private final AtomicBoolean killed = new AtomicBoolean();

    DedicatedServers(Broker broker, Postgres postgres) {
        this.broker = broker;
        this.postgres = postgres;
    }

    /**
     * The broker without topics and groups. Only one may be open at a time. Closing it deletes all its topics and
     * groups.
     */
    public Broker emptyBroker() {
        return new EmptyBroker(broker, lent);
    }

    /** A new, empty database on the server. Closing it drops the database. Killing it kills the whole server. */
    public Postgres database() {
        return new OwnDatabase(postgres, killed);
    }

    @Override
    public void close() {
        postgres.close();
        broker.close();
    }
}
