package io.rejoin.servers;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Where tests get their broker and database. The first call decides between containers and child processes, for the whole JVM,
 * and says so in one line on standard output. {@code -Drejoin.servers=containers} or {@code =embedded} forces either, as does
 * the environment variable {@code TEST_SERVERS}.
 *
 * <p>Starting a server takes seconds. So a JVM has one broker and one PostgreSQL server, which end with it, and whoever asks
 * gets them empty.
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

    /** The broker that all tests of this JVM share, with the topics that they have made. */
    public static Broker broker() {
        return SharedBroker.BROKER;
    }

    /**
     * The broker of this JVM, without any topic or group; one at a time. Closing it, which starts it again if it was killed,
     * leaves it without any for the next one.
     *
     * @throws IllegalStateException if one is open
     */
    public static Broker emptyBroker() {
        return new EmptyBroker(SharedBroker.BROKER, SharedBroker.LENT);
    }

    /** One more broker, for a test that needs two, or whose groups have members that are dead but not yet missed. */
    public static Broker newBroker() {
        return Chosen.SOURCE.broker();
    }

    /** One more broker and one more PostgreSQL server, for a class that runs beside others and kills them, or ends their sessions. */
    public static OwnServers own() {
        return new OwnServers(newBroker(), Chosen.SOURCE.postgres());
    }

    /** A new, empty database on the server of this JVM; closing it drops it. To kill it kills the server. */
    public static Postgres database() {
        return new OwnDatabase(SharedPostgres.SERVER, SharedPostgres.KILLED);
    }
}
