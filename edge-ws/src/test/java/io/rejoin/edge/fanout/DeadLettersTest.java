package io.rejoin.edge.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.edge.metrics.FanOutMeters;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
    private final MockProducer<byte[], byte[]> producer = new MockProducer<>(true, null, new ByteArraySerializer(),
            new ByteArraySerializer());
    private long now;
    private final DeadLetters letters = new DeadLetters(producer, TopicNames.PLAIN.deadLetters(), () -> now,
            new FanOutMeters(new SimpleMeterRegistry()));

    @Test
    void theOriginalKeepsItsKeyItsBytesAndItsHeaders() {
        var record = record(7);
        record.headers().add("trace", new byte[]{1});
        letters.put(record, "because", null, true);

        var letter = producer.history().getFirst();
        assertThat(letter.topic()).isEqualTo(TopicNames.PLAIN.deadLetters());
        assertThat(letter.key()).isEqualTo(record.key());
        assertThat(letter.value()).isEqualTo(record.value());
        assertThat(letter.headers().lastHeader("trace").value()).containsExactly(1);
        assertThat(letter.headers().lastHeader(Topics.DEAD_LETTER_FROM).value()).asString()
                .isEqualTo("rejoin.deliveries-3@7");
        assertThat(letter.headers().lastHeader(Topics.DEAD_LETTER_REASON).value()).asString().isEqualTo("because");
    }

    @Test
    void aTopicThatIsAwayHoldsNobodyUpAgainAndAgain() {
        producer.sendException = new TimeoutException("no metadata within 1 s");
        letters.put(record(1), "because", null, true);
        producer.sendException = null;
        letters.put(record(2), "because", null, true);
        assertThat(producer.history()).isEmpty();
        now += Duration.ofSeconds(10).toNanos();
        letters.put(record(3), "because", null, true);

        assertThat(producer.history()).hasSize(1);
    }

    @Test
    void norDoesOneWhoseFailureIsOnlyCalledBack() {
        try (var late = new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer())) {
            var callers = new DeadLetters(late, TopicNames.PLAIN.deadLetters(), () -> now,
                    new FanOutMeters(new SimpleMeterRegistry()));
            callers.put(record(1), "because", null, true);
            late.errorNext(new TimeoutException("no metadata within 1 s"));
            callers.put(record(2), "because", null, true);

            assertThat(late.history()).hasSize(1);
        }
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset) {
        return new ConsumerRecord<>(TopicNames.PLAIN.deliveries(), 3, offset, new byte[]{1, 2}, new byte[]{3});
    }
}
