package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.TopicNames;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DeliveryPartitionsTest {
    private final Logger log = (Logger) LoggerFactory.getLogger(DeliveryPartitions.class);
    private final ListAppender<ILoggingEvent> told = new ListAppender<>();
    private long now;
    private final DeliveryPartitions partitions = new DeliveryPartitions(
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()),
            TopicNames.PLAIN.deliveries(), 0, () -> 2,
            () -> now);

    @BeforeEach
    void listen() {
        told.start();
        log.addAppender(told);
    }

    @AfterEach
    void listenNoMore() {
        log.detachAppender(told);
    }

    @Test
    void whatIsForAPartitionThatIsNotThereFloodsNoLog() {
        for (var n = 0; n < 1_000; n++) {
            assertThat(partitions.have(new EdgeRef("edge", 1, 1))).isTrue();
            assertThat(partitions.have(new EdgeRef("nowhere" + n, 1, 9))).isFalse();
        }
        assertThat(told.list).hasSize(1);
        now += DeliveryPartitions.TELL.toNanos();
        assertThat(partitions.have(new EdgeRef("nowhere", 1, 9))).isFalse();
        assertThat(told.list).hasSize(2).last().asString().contains("does not exist");
    }
}
