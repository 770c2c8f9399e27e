package io.rejoin.servers;

import io.rejoin.embedded.EmbeddedKafka;
import io.rejoin.embedded.Ports;
import java.sql.DriverManager;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * Starts servers in containers. Their ports are published on the loopback address. The port numbers stay the same when
 * a container is killed and restarted.
 */
final class ContainerServers implements Source {
    private static final String USER = "rejoin";
    private static final String PASSWORD = "for tests only";

    private final DockerEngine engine;
    private final String kafkaImage;
    private final String postgresImage;

    ContainerServers(DockerEngine engine, String kafkaImage, String postgresImage) {
        this.engine = engine;
        this.kafkaImage = kafkaImage;
        this.postgresImage = postgresImage;
        engine.sweep();
        ContainerReaper.begin();
    }

    /**
     * Starts a broker. Testcontainers' KafkaContainer is not used, because it takes another port after a restart and
     * sets the listeners itself.
     */
    @Override
    @SuppressWarnings("resource") // the container is closed by the broker
    public Broker broker() {
        var port = Ports.free();
        var servers = "127.0.0.1:" + port;
        var container = new GenericContainer<>(DockerImageName.parse(kafkaImage)).withEnv(environment(port));
        return new KafkaContainer(servers, new Container(engine, container, Map.of(port, port), () -> serves(servers)));
    }

    private static Map<String, String> environment(int port) {
        var environment = new HashMap<String, String>();
        EmbeddedKafka.settings().forEach((name, value) -> environment
                .put("KAFKA_" + name.replace('.', '_').toUpperCase(Locale.ROOT), value));
        environment.put("KAFKA_NODE_ID", "1");
        environment.put("KAFKA_PROCESS_ROLES", "broker,controller");
        environment.put("KAFKA_LISTENERS", "CLIENT://:" + port + ",CONTROLLER://localhost:9093");
        environment.put("KAFKA_ADVERTISED_LISTENERS", "CLIENT://127.0.0.1:" + port);
        environment.put("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        environment.put("KAFKA_INTER_BROKER_LISTENER_NAME", "CLIENT");
        environment.put("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER");
        environment.put("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093"); // as in the public image's storage
        // the same options as for the embedded broker: it starts faster and leaves the cores to the code under test
        environment.put("KAFKA_HEAP_OPTS", "-Xmx256m");
        environment.put("KAFKA_JVM_PERFORMANCE_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        return environment;
    }

    private static boolean serves(String servers) throws Exception {
        var settings = Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2_000,
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 50);
        try (var admin = Admin.create(settings)) {
            return !admin.describeCluster().nodes().get().isEmpty();
        }
    }

    @Override
    @SuppressWarnings("resource") // the container is closed by the database
    public Postgres postgres() {
        var port = Ports.free();
        var url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
        var image = DockerImageName.parse(postgresImage).asCompatibleSubstituteFor("postgres");
        var container = new PostgreSQLContainer(image).withUsername(USER).withPassword(PASSWORD)
                .withDatabaseName("postgres")
                .withCommand("postgres", "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "max_connections=100");
        return new PostgresContainer(url, new Container(engine, container, Map.of(port, 5432), () -> {
            DriverManager.getConnection(url, USER, PASSWORD).close();
            return true;
        }));
    }

    private record KafkaContainer(String bootstrapServers, Container container) implements Broker {
        @Override
        public void kill() {
            container.kill();
        }

        @Override
        public void restart() {
            container.restart();
        }

        @Override
        public void close() {
            container.close();
        }
    }

    private record PostgresContainer(String jdbcUrl, Container container) implements Postgres {
        @Override
        public String user() {
            return USER;
        }

        @Override
        public String password() {
            return PASSWORD;
        }

        @Override
        public void kill() {
            container.kill();
        }

        @Override
        public void restart() {
            container.restart();
        }

        @Override
        public void close() {
            container.close();
        }
    }
}
