package io.rejoin.history;

import static io.rejoin.history.Services.room;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.servers.Servers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Records that cannot be stored. */
class PoisonIT {
    private static final Map<String, String> POSTED = Map.of("ce_id", "0:1:0", "ce_type",
            "io.rejoin.message.posted.v1");

    @Test
    void unstorableRecordsGoToTheDeadLettersAndIngestContinues() throws Exception {
        try (var kafka = Servers.emptyBroker();
                var postgres = Servers.database();
                var log = new EventLog(kafka.bootstrapServers(), 1)) {
            var room = room("poison");
            log.post(room, 1, 50);
            log.publishRaw(0, "garbage", Map.of("trace", "t"), new byte[]{(byte) 0xff, 0, 7});
            log.publishRaw(0, "no headers", Map.of(), "{}".getBytes(UTF_8));
            log.publishRaw(0, "no json", POSTED, "{\"room\":".getBytes(UTF_8));
            log.publishRaw(0, "bad room", POSTED, """
                    {"room":"x","epoch":1,"seq":1,"user":"default/ann","text":"","ts":1}""".getBytes(UTF_8));
            log.publishRaw(0, "unheard of", Map.of("ce_id", "0:1:0", "ce_type", "other"), "{}".getBytes(UTF_8));
            var refused = new Event.MessagePosted(room("refused"), 1, 1, EventLog.ANN, "a\u0000b", Content.text("x"),
                    1);
            log.publishRaw(0, "refused", EventCodec.headers(refused, new Source(0, 50, 1)), EventCodec.value(refused));
            log.publishRaw(0, "no value", POSTED, null);
            log.publishRaw(0, "bad id", Map.of("ce_id", "x", "ce_type", "io.rejoin.message.posted.v1"),
                    "{}".getBytes(UTF_8));
            log.publishRaw(0, "from the future", Map.of("ce_id", "0:1:0", "ce_type", "io.rejoin.message.posted.v2"),
                    "{}".getBytes(UTF_8));
            log.publishRaw(0, "wrong types", POSTED, """
                    {"room":"default/x","epoch":[],"seq":{},"user":7,"text":false,"ts":null}""".getBytes(UTF_8));
            log.publishRaw(0, "no number", POSTED, """
                    {"room":"default/x","epoch":1,"seq":1,"user":"default/ann","data":1e99999999999,"ts":1}"""
                    .getBytes(UTF_8));
            log.publishRaw(0, "half a name", POSTED, """
                    {"room":"default/x","epoch":1,"seq":1,"user":"default/ann","data":{"\\udc00":1},"ts":1}"""
                    .getBytes(UTF_8));
            log.publishRaw(0, "too large", Map.of(), new byte[2 * EventLog.LARGEST_DEAD_LETTER]);
            log.post(room, 51, 100);

            try (var service = new Services.Running(Services.environment(kafka, postgres))) {
                assertThat(service.client().page(room, "&after=99&to=100&wait_ms=30000").messages()).hasSize(1);
                assertThat(service.client().seqs(room)).isEqualTo(LongStream.rangeClosed(1, 100).boxed().toList());
            }
            assertDeadLetters(log.deadLetters());
        }
    }

    /**
     * Messages that an edge would refuse, written directly to the topic. History must store and serve them as far as
     * possible.
     */
    @Test
    void strangeContentIsStored() throws Exception {
        try (var kafka = Servers.emptyBroker();
                var postgres = Servers.database();
                var log = new EventLog(kafka.bootstrapServers(), 1)) {
            var room = room("strange");
            var contents = List.of("\"text\":\"a\\u0000b\"", "\"data\":[1e400,-0.10,12345678901234567890123.5]",
                    "\"text\":\"half \\ud83d\"",
                    "\"data\":" + "[".repeat(100) + "]".repeat(100), "\"text\":\"\"");
            for (var n = 1; n <= contents.size(); n++) {
                var event = EventLog.message(room, n);
                log.publishRaw(0, room.key(), EventCodec.headers(event, new Source(0, n, 0)),
                        ("{\"room\":\"" + room.key()
                                + "\",\"epoch\":7,\"seq\":" + n + ",\"user\":\"default/ann\",\"ts\":1,"
                                + contents.get(n - 1) + "}")
                                .getBytes(UTF_8));
            }
            log.flush();
            var environment = new HashMap<>(Services.environment(kafka, postgres));
            environment.put("HISTORY_TAIL_BYTES", "0");

            try (var service = new Services.Running(environment)) {
                var stored = service.client().page(room, "&after=0&to=5&limit=10&wait_ms=30000").messages();
                assertThat(stored.stream().map(StoredMessage::seq)).containsExactly(1L, 2L, 3L, 4L, 5L);
                assertThat(stored.getFirst().content()).isEqualTo(Content.text("a\u0000b"));
                assertThat(stored.get(1).content().data())
                        .isEqualTo(new JsonText("[1e400,-0.10,12345678901234567890123.5]"));
                assertThat(stored.get(2).content()).isEqualTo(Content.text("half ?"));
            }
            assertThat(log.deadLetters()).isEmpty();
        }
    }

    private static void assertDeadLetters(List<ConsumerRecord<byte[], byte[]>> deadLetters) {
        assertThat(deadLetters.stream().map(letter -> new String(letter.key(), UTF_8)).distinct())
                .containsExactlyInAnyOrder(
                        "no value", "bad id", "from the future", "wrong types", "no number", "half a name", "garbage",
                        "no headers",
                        "no json", "bad room", "unheard of", "refused", "too large");
        var garbage = deadLetter(deadLetters, "garbage");
        assertThat(garbage.value()).containsExactly(0xff, 0, 7);
        assertThat(header(garbage, "trace")).isEqualTo("t");
        assertThat(header(garbage, Topics.DEAD_LETTER_FROM)).isEqualTo("rejoin.events-0@50");
        assertThat(header(garbage, Topics.DEAD_LETTER_REASON)).isEqualTo("ce_id or ce_type is missing");
        assertThat(header(deadLetter(deadLetters, "refused"), Topics.DEAD_LETTER_REASON))
                .startsWith("PostgreSQL refuses it");
        var large = deadLetter(deadLetters, "too large");
        assertThat(header(large, Topics.DEAD_LETTER_REASON)).contains("its value is left out");
        assertThat(large.value()).isEmpty();
    }

    private static ConsumerRecord<byte[], byte[]> deadLetter(List<ConsumerRecord<byte[], byte[]>> deadLetters,
            String key) {
        return deadLetters.stream().filter(letter -> new String(letter.key(), UTF_8).equals(key)).findFirst()
                .orElseThrow();
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), UTF_8);
    }
}
