package io.rejoin.servers;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Gives tests their broker and database. The first call chooses between containers and child processes for the whole
 * JVM, and prints the choice in one line on standard output. {@code -Drejoin.servers=containers} or {@code =embedded}
 * forces one of them; so does the environment variable {@code TEST_SERVERS}.
 *
 * <p>Starting a server takes seconds. So a JVM has one shared broker and one shared PostgreSQL server, which end with
 * the JVM. {@link #emptyBroker} and {@link #database} give them out empty.
 */
public final class Servers {
    private static final class Chosen {
        private static final Source SOURCE = Source.chosen();
    }

    private static final class SharedBroker {
        private static final Broker BROKER = Chosen.SOURCE.broker();
        private static final AtomicBoolean LENT = new AtomicBoolean();
    }

    private static final class SharedPostgres {
        private static final Postgres SERVER = Chosen.SOURCE.postgres();
        private static final AtomicBoolean KILLED = new AtomicBoolean();
    }

    private Servers() {}

    /** The broker that all tests of this JVM share, with all topics that they have created. */
    public static Broker broker() {
        return SharedBroker.BROKER;
    }

    /**
     * The shared broker of this JVM, without topics and groups. Only one may be open at a time. Closing it restarts a
     * killed broker, then deletes all topics and groups.
     *
     * @throws IllegalStateException if one is open
     */
    public static Broker emptyBroker() {
        return new EmptyBroker(SharedBroker.BROKER, SharedBroker.LENT);
    }

    /**
     * Starts another broker. For tests that need two brokers, or whose groups have dead members that the broker has not
     * yet noticed.
     */
    public static Broker newBroker() {
        return Chosen.SOURCE.broker();
    }

    /**
     * Starts another broker and another PostgreSQL server. For test classes that run beside others and kill servers or
     * end their sessions.
     */
    public static DedicatedServers own() {
        return new DedicatedServers(newBroker(), Chosen.SOURCE.postgres());
    }

    /**
     * A new, empty database on the shared server of this JVM. Closing it drops the database. Killing it kills the whole
     * server.
     */
    public static Postgres database() {
        return new OwnDatabase(SharedPostgres.SERVER, SharedPostgres.KILLED);
    }
}
