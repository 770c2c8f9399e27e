package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Sample dead letters, and records for them. */
final class Samples {
    static final RoomId LOBBY = new RoomId("default", "lobby");
    static final UserId ANN = new UserId("default", "ann");
    static final EdgeRef EDGE = new EdgeRef("edge-1", 17, 0);
    static final ConnectionId CONNECTION = new ConnectionId("c1");
    static final Command.Post POST = new Command.Post(LOBBY, ANN, CONNECTION, EDGE, "id-1", Content.text("hi"));

    private Samples() {}

    static byte[] commands(Command... commands) {
        return LogCodec.commands(List.of(commands));
    }

    static Event.MessagePosted posted(long seq) {
        return new Event.MessagePosted(LOBBY, 7, seq, ANN, null, Content.text("text " + seq), 1_000 + seq);
    }

    /** An event as a router writes it. */
    static ProducerRecord<byte[], byte[]> event(Event event, Source source) {
        var record = new ProducerRecord<>(TopicNames.PLAIN.events(), source.partition(),
                event.room().key().getBytes(UTF_8),
                EventCodec.value(event));
        EventCodec.headers(event, source).forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
        return record;
    }

    /** A dead letter as a service writes it, with the original's place and the reason. */
    static ProducerRecord<byte[], byte[]> putAside(ProducerRecord<byte[], byte[]> original, String from,
            String reason) {
        var letter = new ProducerRecord<>(TopicNames.PLAIN.deadLetters(), 0, original.key(), original.value(),
                original.headers());
        letter.headers().add(Topics.DEAD_LETTER_FROM, from.getBytes(UTF_8));
        letter.headers().add(Topics.DEAD_LETTER_REASON, reason.getBytes(UTF_8));
        return letter;
    }

    /** A record with those headers; its topic does not matter. */
    static ProducerRecord<byte[], byte[]> raw(byte @Nullable [] value, Map<String, String> headers) {
        var record = new ProducerRecord<byte[], byte[]>("anywhere", 0, "key".getBytes(UTF_8), value);
        headers.forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
        return record;
    }

    /** The letter as a consumer reads it. */
    static Letter letter(ProducerRecord<byte[], byte[]> sent) {
        var record = new ConsumerRecord<>(TopicNames.PLAIN.deadLetters(), 0, 5L, sent.key(), sent.value());
        sent.headers().forEach(record.headers()::add);
        return new Letter(record);
    }
}
