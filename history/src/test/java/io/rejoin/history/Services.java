package io.rejoin.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.RoomId;
import io.rejoin.servers.Broker;
import io.rejoin.servers.Postgres;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** Settings, rooms and services for the integration tests. */
final class Services {
    private Services() {}

    static Map<String, String> environment(Broker kafka, Postgres postgres) {
        return Map.of("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers(), "HISTORY_PORT", "0", "HISTORY_JDBC_URL",
                postgres.jdbcUrl(), "HISTORY_DB_USER", postgres.user(), "HISTORY_DB_PASSWORD", postgres.password());
    }

    static RoomId room(String name) {
        return new RoomId("default", name + "-" + UUID.randomUUID());
    }

    /** A service in this process. {@link #close} fails if a loop of the service has ended by itself. */
    static final class Running implements AutoCloseable {
        private final List<Throwable> fatalErrors = new CopyOnWriteArrayList<>();
        private final History history;
        private final ReplayClient client;

        Running(Map<String, String> environment) throws InterruptedException {
            this.history = History.start(HistoryConfig.from(environment), fatalErrors::add);
            this.client = new ReplayClient(history.port());
        }

        int port() {
            return history.port();
        }

        ReplayClient client() {
            return client;
        }

        @Override
        public void close() {
            client.close();
            history.close();
            assertThat(fatalErrors).isEmpty();
        }
    }
}
