package io.rejoin.servers;

import io.rejoin.embedded.EmbeddedKafka;
import io.rejoin.embedded.EmbeddedPostgres;

/** Starts servers as child processes, with their data in temporary folders. */
final class EmbeddedServers implements Source {
    @Override
    public Broker broker() {
        return new KafkaProcess(EmbeddedKafka.temporary());
    }

    @Override
    public Postgres postgres() {
        return new PostgresProcess(EmbeddedPostgres.temporary());
    }

    private record KafkaProcess(EmbeddedKafka kafka) implements Broker {
        @Override
        public String bootstrapServers() {
            return kafka.bootstrapServers();
        }

        @Override
        public void kill() {
            kafka.kill();
        }

        @Override
        public void restart() {
            kafka.restart();
        }

        @Override
        public void close() {
            kafka.kill(); // faster than an orderly stop, and nobody reads its data again
            kafka.close();
        }
    }

    private record PostgresProcess(EmbeddedPostgres postgres) implements Postgres {
        @Override
        public String jdbcUrl() {
            return postgres.jdbcUrl();
        }

        @Override
        public String user() {
            return postgres.user();
        }

        @Override
        public String password() {
            return postgres.password();
        }

        @Override
        public void kill() {
            postgres.kill();
        }

        @Override
        public void restart() {
            postgres.restart();
        }

        @Override
        public void close() {
            postgres.close();
        }
    }
}
