package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.edge.metrics.FanOutMeters;
import java.time.Duration;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class DeadLetterWriterTest {
    private static final DeadLetterWriter.UndeliverableBatch LETTER = new DeadLetterWriter.UndeliverableBatch("edge-1",
            new byte[]{3}, "router r1");

    private final MockProducer<byte[], byte[]> producer = new MockProducer<>(true, null, new ByteArraySerializer(),
            new ByteArraySerializer());
    private long now;
    private final DeadLetterWriter writer = new DeadLetterWriter(producer, TopicNames.PLAIN.deadLetters(), () -> now,
            new FanOutMeters(new SimpleMeterRegistry()));

    @Test
    void aDeadLetterHasTheBatchItsSenderAndTheReason() {
        writer.write(LETTER, "because", null, true);

        var letter = producer.history().getFirst();
        assertThat(letter.topic()).isEqualTo(TopicNames.PLAIN.deadLetters());
        assertThat(letter.key()).isEqualTo("edge-1".getBytes(UTF_8));
        assertThat(letter.value()).isEqualTo(LETTER.value());
        assertThat(letter.headers().lastHeader(Topics.DEAD_LETTER_FROM).value()).asString().isEqualTo("router r1");
        assertThat(letter.headers().lastHeader(Topics.DEAD_LETTER_REASON).value()).asString().isEqualTo("because");
    }

    @Test
    void afterAFailedSendWritesPauseForAWhile() {
        producer.sendException = new TimeoutException("no metadata within 1 s");
        writer.write(LETTER, "because", null, true);
        producer.sendException = null;
        writer.write(LETTER, "because", null, true);
        assertThat(producer.history()).isEmpty();
        now += Duration.ofSeconds(10).toNanos();
        writer.write(LETTER, "because", null, true);

        assertThat(producer.history()).hasSize(1);
    }

    @Test
    void afterAFailedCallbackWritesPauseToo() {
        try (var late = new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer())) {
            var writerWithCallbacks = new DeadLetterWriter(late, TopicNames.PLAIN.deadLetters(), () -> now,
                    new FanOutMeters(new SimpleMeterRegistry()));
            writerWithCallbacks.write(LETTER, "because", null, true);
            late.errorNext(new TimeoutException("no metadata within 1 s"));
            writerWithCallbacks.write(LETTER, "because", null, true);

            assertThat(late.history()).hasSize(1);
        }
    }
}
