package io.rejoin.history.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.TopicNames;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class EventDeadLetterWriterTest {
    /**
     * Fails like KafkaProducer when the topic is unavailable or a record is too large: send returns a failed future.
     */
    private static final class FailingProducer extends MockProducer<byte[], byte[]> {
        private final KafkaException failure;
        private final List<ProducerRecord<byte[], byte[]>> sentRecords = new ArrayList<>();

        FailingProducer(KafkaException failure) {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
            this.failure = failure;
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> deadLetter) {
            sentRecords.add(deadLetter);
            return deadLetter.value().length == 0 ? super.send(deadLetter) : CompletableFuture.failedFuture(failure);
        }
    }

    private static List<PartitionBatch.Entry> unreadable(int count) {
        return LongStream.range(0, count).mapToObj(offset -> new ConsumerRecord<>(TopicNames.PLAIN.events(), 0, offset,
                "key".getBytes(UTF_8), "value".getBytes(UTF_8)))
                .map(record -> new PartitionBatch.Entry(record, new DecodedRecord.Unreadable("because"))).toList();
    }

    @Test
    void anUnavailableTopicFailsAtTheFirstRecord() {
        try (var producer = new FailingProducer(new TimeoutException("no metadata"));
                var writer = new EventDeadLetterWriter(producer, TopicNames.PLAIN.deadLetters(),
                        new IngestMeters(new SimpleMeterRegistry()))) {
            assertThatThrownBy(() -> writer.send(unreadable(30))).isInstanceOf(TimeoutException.class);
            assertThat(producer.sentRecords).hasSize(1);
        }
    }

    @Test
    void recordsThatAreTooLargeAreWrittenWithoutTheirValue() {
        try (var producer = new FailingProducer(new RecordTooLargeException("no"));
                var writer = new EventDeadLetterWriter(producer, TopicNames.PLAIN.deadLetters(),
                        new IngestMeters(new SimpleMeterRegistry()))) {
            writer.send(unreadable(3));
            assertThat(producer.history()).hasSize(3)
                    .allSatisfy(deadLetter -> assertThat(deadLetter.value()).isEmpty());
        }
    }
}
