package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class DeadLetterRecordsTest {
    private static final byte[] KEY = {1};

    @Test
    void aRecordIsKeptAsItIs() {
        var record = record(new byte[1_000], new RecordHeaders().add("trace", new byte[]{7}));

        var letter = DeadLetterRecords.of(TopicNames.PLAIN.deadLetters(), record, "because");

        assertThat(letter.value()).isEqualTo(record.value());
        assertThat(letter.key()).isEqualTo(KEY);
        assertThat(letter.headers().lastHeader("trace").value()).containsExactly(7);
        assertThat(letter.headers().lastHeader(Topics.DEAD_LETTER_FROM).value()).asString()
                .isEqualTo("rejoin.commands-2@7");
    }

    @Test
    void aRecordThatIsTooLargeWithManySmallHeadersIsLeftOut() {
        var headers = new RecordHeaders();
        for (var n = 0; n < 42_000; n++) headers.add("", null);

        assertIsLeftOut(record(new byte[900_000], headers));
    }

    @Test
    void aRecordThatIsTooLargeWithALongHeaderNameIsLeftOut() {
        assertIsLeftOut(record(new byte[500_000], new RecordHeaders().add("\u20ac".repeat(180_000), null)));
    }

    @Test
    void eachCommandOfARecordGetsItsOwnLetter() {
        var record = record(commands("1,null,{\"a\":2},true"), new RecordHeaders().add("trace", new byte[]{7}));

        var letters = DeadLetterRecords.of(TopicNames.PLAIN.deadLetters(), record,
                new TreeMap<>(Map.of(1, "none", 3, "no command")));

        assertThat(letters).extracting(letter -> new String(letter.value(), UTF_8)).containsExactly(
                "{\"v\":1,\"commands\":[null]}", "{\"v\":1,\"commands\":[true]}");
        assertThat(letters).extracting(letter -> text(letter, Topics.DEAD_LETTER_INDEX)).containsExactly("1", "3");
        assertThat(letters).extracting(letter -> text(letter, Topics.DEAD_LETTER_REASON)).containsExactly("none",
                "no command");
        assertThat(letters).allSatisfy(letter -> {
            assertThat(letter.key()).isEqualTo(KEY);
            assertThat(text(letter, Topics.DEAD_LETTER_FROM)).isEqualTo("rejoin.commands-2@7");
            assertThat(letter.headers().lastHeader("trace").value()).containsExactly(7);
        });
    }

    @Test
    void theNumberOfLettersOfOneRecordIsLimited() {
        var many = record(commands("0" + ",1".repeat(4_999)), new RecordHeaders());
        var reasons = new TreeMap<Integer, String>();
        for (var i = 0; i < 5_000; i++) reasons.put(i, "no command");

        var letters = DeadLetterRecords.of(TopicNames.PLAIN.deadLetters(), many, reasons);

        assertThat(letters).hasSize(DeadLetterRecords.MAX_LETTERS);
        assertThat(letters.getLast().value()).isEqualTo(commands("1" + ",1".repeat(4_900)));
        assertThat(text(letters.getLast(), Topics.DEAD_LETTER_INDEX)).isEqualTo("99");
        assertThat(text(letters.getLast(), Topics.DEAD_LETTER_REASON)).endsWith("and 4900 more of that record");
    }

    @Test
    void commandsOfARecordWithLargeHeadersShareOneLetter() {
        var headers = new RecordHeaders().add("trace", new byte[20_000]);

        assertThat(DeadLetterRecords.of(TopicNames.PLAIN.deadLetters(), record(commands("1,2,3"), headers),
                new TreeMap<>(Map.of(0, "a", 2, "b")))).hasSize(1)
                .first().satisfies(letter -> assertThat(letter.value()).isEqualTo(commands("1,3")));
    }

    private static byte[] commands(String list) {
        return ("{\"v\":1,\"commands\":[" + list + "]}").getBytes(UTF_8);
    }

    private static String text(ProducerRecord<byte[], byte[]> letter, String header) {
        return new String(letter.headers().lastHeader(header).value(), UTF_8);
    }

    private static void assertIsLeftOut(ConsumerRecord<byte[], byte[]> record) {
        var letter = DeadLetterRecords.of(TopicNames.PLAIN.deadLetters(), record, "because");

        assertThat(letter.value()).isEmpty();
        assertThat(letter.headers()).hasSize(2);
        assertThat(letter.headers().lastHeader(Topics.DEAD_LETTER_REASON).value()).asString().contains("too large");
    }

    private static ConsumerRecord<byte[], byte[]> record(byte[] value, Headers headers) {
        return new ConsumerRecord<>(TopicNames.PLAIN.commands(), 2, 7, 0, TimestampType.LOG_APPEND_TIME, KEY.length,
                value.length,
                KEY, value, headers, Optional.empty());
    }
}
