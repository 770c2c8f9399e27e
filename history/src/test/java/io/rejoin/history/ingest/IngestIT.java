package io.rejoin.history.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.history.store.Database;
import io.rejoin.history.store.IngestListener;
import io.rejoin.history.store.Installation;
import io.rejoin.history.store.MessageRow;
import io.rejoin.history.store.MessageStore;
import io.rejoin.history.store.PositionStore;
import io.rejoin.history.store.Retention;
import io.rejoin.history.store.RetentionRules;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.servers.Servers;
import io.rejoin.tracing.Tracing;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class IngestIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration SESSION = Duration.ofSeconds(6);
    private static final RoomId ROOM = new RoomId("default", "lobby");

    /**
     * Calls of the listener, in order: the seq of a stored message, or {@code -1 - partition} for a released partition.
     */
    private final List<Long> calls = new CopyOnWriteArrayList<>();
    private final IngestListener listener = new IngestListener() {
        @Override
        public void onStored(int partition, List<MessageRow> rows) {
            for (var row : rows) calls.add(row.message().seq());
        }

        @Override
        public void onReleased(int partition) {
            calls.add(-1L - partition);
        }
    };

    private static void post(Producer<byte[], byte[]> producer, long seq) throws Exception {
        var event = new Event.MessagePosted(ROOM, 1, seq, new UserId("default", "ann"), null, Content.text("hi"), 9);
        var record = new ProducerRecord<>(TopicNames.PLAIN.events(), 0, ROOM.key().getBytes(UTF_8),
                EventCodec.value(event));
        EventCodec.headers(event, new Source(0, seq, 0))
                .forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
        producer.send(record).get();
    }

    @Test
    void aPartitionIsKeptAfterAWriteLongerThanTheLease() throws Exception {
        try (var kafka = Servers.emptyBroker();
                var postgres = Servers.database();
                var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
                var producer = new KafkaProducer<>(Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        new ByteArraySerializer(), new ByteArraySerializer());
                var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var sql = connection.createStatement();
                var database = new Database(
                        Database.Access.of(postgres.jdbcUrl(), postgres.user(), postgres.password()), 1,
                        new SimpleMeterRegistry());
                var topic = new EventsTopic(KafkaAccess.of(kafka.bootstrapServers()))) {
            database.migrate();
            sql.execute("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep("
                    + SESSION.toSeconds() + "); RETURN NEW; END$$");
            sql.execute("CREATE TRIGGER slow BEFORE INSERT ON message FOR EACH ROW WHEN (NEW.seq = 2)"
                    + " EXECUTE FUNCTION slow()");
            admin.createTopics(List.of(new NewTopic(TopicNames.PLAIN.events(), 1, (short) 1))).all().get();
            await().atMost(TIMEOUT).ignoreExceptions()
                    .until(() -> new Installation(database).claim(topic.id()) != null);
            var consumerSettings = new Ingest.ConsumerSettings(KafkaAccess.of(kafka.bootstrapServers()), SESSION);
            var fatalErrors = new CopyOnWriteArrayList<Throwable>();
            try (var _ = new Ingest(consumerSettings,
                    new MessageStore(database, new RetentionRules(Retention.FOREVER, 1)),
                    new PositionStore(database), topic, List.of(listener), () -> false,
                    new IngestMeters(new SimpleMeterRegistry()), Tracing.off(), fatalErrors::add)) {
                for (var seq = 1L; seq <= 3; seq++) {
                    post(producer, seq);
                    var stored = seq;
                    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(calls).contains(stored));
                }
                assertThat(calls).endsWith(1L, 2L, 3L);
            }
            assertThat(fatalErrors).isEmpty();
        }
    }
}
