package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Test;

class KafkaClientsTest {
    private final KafkaClients clients = new KafkaClients(TestLog.config("127.0.0.1:1"));

    /** With two requests in flight, the second batch could be accepted although the first was refused. */
    @Test
    void everyProducerSendsOneRequestAtATimeAndWaitsForAllReplicas() throws Exception {
        for (var producer : List.of(clients.outputProducer(new InFlightLimits()), clients.checkpointProducer(0),
                clients.controlProducer())) {
            try (producer) {
                var config = config(producer);
                assertThat(config.getInt(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION)).isOne();
                assertThat(config.getBoolean(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG)).isTrue();
                assertThat(config.getString(ProducerConfig.ACKS_CONFIG)).isEqualTo("-1");
            }
        }
    }

    /** The effective settings of a producer; the client has no public method for them. */
    private static ProducerConfig config(Producer<byte[], byte[]> producer) throws ReflectiveOperationException {
        var field = KafkaProducer.class.getDeclaredField("producerConfig");
        field.setAccessible(true);
        return (ProducerConfig) field.get(producer);
    }
}
