package io.rejoin.history;

import static io.rejoin.history.Services.room;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.embedded.EmbeddedKafka;
import io.rejoin.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that cannot be stored. */
class PoisonIT {
    private static final Map<String, String> POSTED = Map.of("ce_id", "0:1:0", "ce_type",
            "io.rejoin.message.posted.v1");

    @TempDir
    private Path folder;

    @Test
    void poisonGoesToTheDeadLettersAndThePartitionGoesOn() throws Exception {
        try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0);
                var postgres = EmbeddedPostgres.start(folder.resolve("postgres"), 0);
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
            log.publishRaw(0, "too large", Map.of(), new byte[2 * EventLog.LARGEST_DEAD_LETTER]);
            log.post(room, 51, 100);

            try (var service = new Services.Running(Services.environment(kafka, postgres))) {
                assertThat(service.client().page(room, "&after=99&to=100&wait_ms=30000").messages()).hasSize(1);
                assertThat(service.client().seqs(room)).isEqualTo(LongStream.rangeClosed(1, 100).boxed().toList());
            }
            assertLetters(log.deadLetters());
        }
    }

    private static void assertLetters(List<ConsumerRecord<byte[], byte[]>> letters) {
        assertThat(letters.stream().map(letter -> new String(letter.key(), UTF_8)).distinct())
                .containsExactlyInAnyOrder(
                        "garbage", "no headers", "no json", "bad room", "unheard of", "refused", "too large");
        var garbage = letter(letters, "garbage");
        assertThat(garbage.value()).containsExactly(0xff, 0, 7);
        assertThat(header(garbage, "trace")).isEqualTo("t");
        assertThat(header(garbage, Topics.DEAD_LETTER_FROM)).isEqualTo("rejoin.events-0@50");
        assertThat(header(garbage, Topics.DEAD_LETTER_REASON)).isEqualTo("no ce_id or no ce_type");
        assertThat(header(letter(letters, "refused"), Topics.DEAD_LETTER_REASON)).startsWith("PostgreSQL refuses it");
        var large = letter(letters, "too large");
        assertThat(header(large, Topics.DEAD_LETTER_REASON)).contains("its value is left out");
        assertThat(large.value()).isEmpty();
    }

    private static ConsumerRecord<byte[], byte[]> letter(List<ConsumerRecord<byte[], byte[]>> letters, String key) {
        return letters.stream().filter(letter -> new String(letter.key(), UTF_8).equals(key)).findFirst().orElseThrow();
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), UTF_8);
    }
}
