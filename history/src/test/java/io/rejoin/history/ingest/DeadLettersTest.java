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

class DeadLettersTest {
    /**
     * Fails like KafkaProducer when the topic is unavailable or a record is too large: send returns a failed future.
     */
    private static final class Failing extends MockProducer<byte[], byte[]> {
        private final KafkaException failure;
        private final List<ProducerRecord<byte[], byte[]>> asked = new ArrayList<>();

        Failing(KafkaException failure) {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
            this.failure = failure;
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> letter) {
            asked.add(letter);
            return letter.value().length == 0 ? super.send(letter) : CompletableFuture.failedFuture(failure);
        }
    }

    private static List<PartitionBatch.Entry> unreadable(int count) {
        return LongStream.range(0, count).mapToObj(offset -> new ConsumerRecord<>(TopicNames.PLAIN.events(), 0, offset,
                "key".getBytes(UTF_8), "value".getBytes(UTF_8)))
                .map(record -> new PartitionBatch.Entry(record, new Intake.Unreadable("because"))).toList();
    }

    @Test
    void ofManyRecordsTheFirstAloneWaitsForATopicThatIsAway() {
        try (var producer = new Failing(new TimeoutException("no metadata"));
                var letters = new DeadLetters(producer, TopicNames.PLAIN.deadLetters(),
                        new IngestMeters(new SimpleMeterRegistry()))) {
            assertThatThrownBy(() -> letters.send(unreadable(30))).isInstanceOf(TimeoutException.class);
            assertThat(producer.asked).hasSize(1);
        }
    }

    @Test
    void ofRecordsThatAreTooLargeEachIsThereWithoutItsValue() {
        try (var producer = new Failing(new RecordTooLargeException("no"));
                var letters = new DeadLetters(producer, TopicNames.PLAIN.deadLetters(),
                        new IngestMeters(new SimpleMeterRegistry()))) {
            letters.send(unreadable(3));
            assertThat(producer.history()).hasSize(3).allSatisfy(letter -> assertThat(letter.value()).isEmpty());
        }
    }
}
