package io.rejoin.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** Checks what tests rely on; the same for containers and for child processes. */
class ServersIT {
    private static final String TOPIC = "letters";

    @Test
    void whatWasAcknowledgedSurvivesAKillAndTheNextOneFindsNothing() throws Exception {
        var servers = Servers.broker().bootstrapServers();
        try (var broker = Servers.emptyBroker(); var admin = Admin.create(settings(broker))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
            send(broker, "a");
            assertThat(read(broker, 1)).containsExactly("a"); // by a group whose last member dies

            broker.kill();
            assertThatThrownBy(() -> admin.describeCluster().nodes().get(1, TimeUnit.SECONDS))
                    .isInstanceOf(Exception.class);
            broker.restart();
            send(broker, "b");
            assertThat(read(broker, 1)).containsExactly("b");
            assertThat(broker.bootstrapServers()).isEqualTo(servers);
            assertThatThrownBy(Servers::emptyBroker).isInstanceOf(IllegalStateException.class);
            broker.kill();
        }
        try (var broker = Servers.emptyBroker(); var admin = Admin.create(settings(broker))) {
            assertThat(admin.listTopics().names().get()).isEmpty();
            assertThat(admin.listGroups().all().get()).isEmpty();
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
            send(broker, "c");
            assertThat(read(broker, 1)).containsExactly("c");
        }
    }

    @Test
    void whoHasItsOwnKnowsNothingOfTheFirstAndKillsNothingOfIt() throws Exception {
        try (var own = Servers.own(); var other = own.emptyBroker(); var admin = Admin.create(settings(other))) {
            assertThat(other.bootstrapServers()).isNotEqualTo(Servers.broker().bootstrapServers());
            assertThat(admin.listTopics().names().get()).isEmpty();
            assertThatThrownBy(() -> send(other, "never created by itself")).isInstanceOf(Exception.class);
            try (var database = own.database(); var shared = Servers.database()) {
                database.kill();
                assertThat(read(shared, "SELECT 'alive'")).containsExactly("alive");
            }
        }
    }

    @Test
    void committedRowsSurviveAKillAndDatabasesAreApart() throws SQLException {
        try (var first = Servers.database(); var second = Servers.database()) {
            execute(first, "CREATE TABLE letter (value text)");
            execute(first, "INSERT INTO letter VALUES ('a')");
            first.kill();
            assertThatThrownBy(() -> execute(first, "SELECT 1")).isInstanceOf(SQLException.class);
            first.restart();

            assertThat(read(first, "SELECT value FROM letter")).containsExactly("a");
            assertThat(read(second, "SELECT count(*) FROM pg_tables WHERE tablename = 'letter'")).containsExactly("0");
            assertThat(read(second, "SELECT current_database()")).containsExactly(second.name());
            assertThat(read(first, "SHOW fsync")).containsExactly("on");
            assertThat(read(first, "SHOW synchronous_commit")).containsExactly("on");
            first.kill();
        }
        try (var third = Servers.database()) {
            assertThat(read(third, "SELECT count(*) FROM pg_database WHERE datname LIKE 'test_%'"))
                    .containsExactly("1");
        }
    }

    @Test
    void aConnectionNeedsThePassword() {
        try (var database = Servers.database()) {
            assertThatThrownBy(() -> DriverManager.getConnection(database.jdbcUrl(), database.user(), "guess").close())
                    .isInstanceOf(SQLException.class).hasMessageContaining("password authentication failed");
        }
    }

    private static Map<String, Object> settings(Broker broker) {
        return Map.of("bootstrap.servers", broker.bootstrapServers(), "max.block.ms", 3_000);
    }

    private static void send(Broker broker, String value) throws Exception {
        try (var producer = new KafkaProducer<>(settings(broker), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, value)).get(60, TimeUnit.SECONDS);
        }
    }

    /** Reads without leaving the group, like a process that is killed. */
    private static List<String> read(Broker broker, int count) {
        var settings = Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers(), "group.id", "readers",
                "group.instance.id", "static", "auto.offset.reset", "earliest", "session.timeout.ms", 300_000);
        var values = new ArrayList<String>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(TOPIC));
            var bound = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (values.size() < count && System.nanoTime() < bound)
                consumer.poll(Duration.ofMillis(200)).forEach(letter -> values.add(letter.value()));
            consumer.commitSync();
        }
        return values;
    }

    private static void execute(Postgres database, String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> read(Postgres database, String sql) throws SQLException {
        var values = new ArrayList<String>();
        try (var connection = DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            while (rows.next()) values.add(rows.getString(1));
        }
        return values;
    }
}
