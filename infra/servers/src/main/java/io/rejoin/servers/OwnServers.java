package io.rejoin.servers;

import java.util.concurrent.atomic.AtomicBoolean;

/** A broker and a PostgreSQL server of one's own, and what {@link Servers} gives of those that all tests share. */
public final class OwnServers implements AutoCloseable {
    private final Broker broker;
    private final Postgres postgres;
    private final AtomicBoolean lent = new AtomicBoolean();
    private final AtomicBoolean killed = new AtomicBoolean();

    OwnServers(Broker broker, Postgres postgres) {
        this.broker = broker;
        this.postgres = postgres;
    }

    /** The broker, without any topic or group; one at a time. Closing it leaves it without any for the next one. */
    public Broker emptyBroker() {
        return new EmptyBroker(broker, lent);
    }

    /** A new, empty database on the server; closing it drops it. To kill it kills the server. */
    public Postgres database() {
        return new OwnDatabase(postgres, killed);
    }

    @Override
    public void close() {
        postgres.close();
        broker.close();
    }
}
