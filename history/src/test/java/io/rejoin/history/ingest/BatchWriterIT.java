package io.rejoin.history.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.history.store.Database;
import io.rejoin.history.store.Installation;
import io.rejoin.history.store.MessageStore;
import io.rejoin.history.store.Position;
import io.rejoin.history.store.PositionStore;
import io.rejoin.history.store.Retention;
import io.rejoin.history.store.RetentionRules;
import io.rejoin.history.store.StoreException;
import io.rejoin.servers.Servers;
import java.sql.DriverManager;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class BatchWriterIT {
    private static final RoomId ROOM = new RoomId("default", "lobby");

    private static ConsumerRecord<byte[], byte[]> posted(long offset) {
        var event = new Event.MessagePosted(ROOM, 1, offset + 1, new UserId("default", "ann"), null, Content.text("hi"),
                9);
        var record = new ConsumerRecord<>(TopicNames.PLAIN.events(), 0, offset, ROOM.key().getBytes(UTF_8),
                EventCodec.value(event));
        EventCodec.headers(event, new Source(0, offset, 0))
                .forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
        return record;
    }

    /** A trigger that fails at the commit stands for any refusal that no row has caused. */
    @Test
    void aRefusalThatNoRecordCausedEndsTheWrite() throws Exception {
        try (var postgres = Servers.database();
                var database = new Database(
                        Database.Access.of(postgres.jdbcUrl(), postgres.user(), postgres.password()), 1,
                        new SimpleMeterRegistry());
                var producer = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer())) {
            database.migrate();
            new Installation(database).claim("topic");
            try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                    var statement = connection.createStatement()) {
                statement.execute("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$BEGIN RAISE EXCEPTION 'never' USING ERRCODE = '22000'; END$$");
                statement.execute("CREATE CONSTRAINT TRIGGER no AFTER UPDATE ON ingest_position DEFERRABLE"
                        + " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION no()");
            }
            var begin = new Position("topic", 0, 0, null);
            assertThat(new PositionStore(database).move(null, begin)).isTrue();
            var meters = new IngestMeters(new SimpleMeterRegistry());
            var writer = new BatchWriter(new MessageStore(database, new RetentionRules(Retention.FOREVER, 1)),
                    new EventDeadLetterWriter(producer, TopicNames.PLAIN.deadLetters(), meters), List.of(), meters);
            var batch = PartitionBatch.of(begin, List.of(posted(0), posted(1), posted(2), posted(3)));

            assertThatThrownBy(() -> writer.write(List.of(batch))).isInstanceOf(StoreException.Refused.class);
            assertThat(producer.history()).hasSize(1);
        }
    }
}
