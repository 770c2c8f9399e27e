package io.rejoin.router.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.TopicNames;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class CheckpointWriterTest {
    @Test
    void aProducerThatCannotFenceIsClosed() {
        var producer = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        producer.initTransactionException = new TimeoutException("Kafka is away");
        assertThatThrownBy(() -> new CheckpointWriter(producer, TopicNames.PLAIN.state(), 0))
                .isInstanceOf(TimeoutException.class);
        assertThat(producer.closed()).isTrue();
    }
}
