package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Topics;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class DeadLetterTest {
    private static final byte[] KEY = {1};

    @Test
    void aRecordIsKeptAsItIs() {
        var record = record(new byte[1_000], new RecordHeaders().add("trace", new byte[]{7}));

        var letter = DeadLetter.of(record, "because");

        assertThat(letter.value()).isEqualTo(record.value());
        assertThat(letter.key()).isEqualTo(KEY);
        assertThat(letter.headers().lastHeader("trace").value()).containsExactly(7);
        assertThat(letter.headers().lastHeader(Topics.DEAD_LETTER_FROM).value()).asString()
                .isEqualTo("rejoin.commands-2@7");
    }

    @Test
    void whatManySmallHeadersMakeTooLargeIsLeftOut() {
        var headers = new RecordHeaders();
        for (var n = 0; n < 42_000; n++) headers.add("", null);

        assertIsLeftOut(record(new byte[900_000], headers));
    }

    @Test
    void soIsWhatTheBytesOfAHeadersNameMakeTooLarge() {
        assertIsLeftOut(record(new byte[500_000], new RecordHeaders().add("\u20ac".repeat(180_000), null)));
    }

    private static void assertIsLeftOut(ConsumerRecord<byte[], byte[]> record) {
        var letter = DeadLetter.of(record, "because");

        assertThat(letter.value()).isEmpty();
        assertThat(letter.headers()).hasSize(2);
        assertThat(letter.headers().lastHeader(Topics.DEAD_LETTER_REASON).value()).asString().contains("too large");
    }

    private static ConsumerRecord<byte[], byte[]> record(byte[] value, Headers headers) {
        return new ConsumerRecord<>(Topics.COMMANDS, 2, 7, 0, TimestampType.LOG_APPEND_TIME, KEY.length, value.length,
                KEY, value, headers, Optional.empty());
    }
}
