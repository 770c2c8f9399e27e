package io.rejoin.router.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.TopicNames;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class UnreadableHeartbeatsTest {
    @Test
    void onlySomeRecordsPerWindowAreKept() {
        var producer = new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        var unreadable = new UnreadableHeartbeats(producer, TopicNames.PLAIN.deadLetters());
        for (var i = 0; i < 1_000; i++) {
            unreadable.add(new ConsumerRecord<>(TopicNames.PLAIN.edges(), 0, i, new byte[]{1}, new byte[]{2}), "noise");
        }
        assertThat(producer.history()).hasSize(UnreadableHeartbeats.MAX_KEPT_PER_WINDOW)
                .allSatisfy(letter -> assertThat(letter.topic()).isEqualTo(TopicNames.PLAIN.deadLetters()));
    }
}
