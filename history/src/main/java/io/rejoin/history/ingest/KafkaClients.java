package io.rejoin.history.ingest;

import io.rejoin.kafka.KafkaAccess;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Creates the Kafka clients of the ingest. */
final class KafkaClients {
    private static final int MIB = 1024 * 1024;
    /**
     * A fetch ends as soon as records arrive. Resuming a paused partition and closing the consumer
     * both wait for the running fetch.
     */
    private static final int FETCH_MAX_WAIT_MS = 1_000;
    /**
     * Kafka's client checks at this interval whether a heartbeat is due, even if heartbeats are rare.
     */
    private static final int RETRY_BACKOFF_MS = 500;

    private KafkaClients() {}

    /** The consumer group that shares the partitions. Its committed offsets in Kafka are for lag tools only. */
    private static String groupId(KafkaAccess kafka) {
        return kafka.topics().prefixed("rejoin-history");
    }

    /** @param sessionTimeout time without heartbeats after which other instances take over the partitions */
    static Consumer<byte[], byte[]> consumer(KafkaAccess kafka, Duration sessionTimeout) {
        return kafka.consumer(Map.ofEntries(
                Map.entry(ConsumerConfig.CLIENT_ID_CONFIG, groupId(kafka)),
                Map.entry(ConsumerConfig.GROUP_ID_CONFIG, groupId(kafka)),
                Map.entry(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic"),
                Map.entry(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                        CooperativeStickyAssignor.class.getName()),
                Map.entry(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) sessionTimeout.toMillis()),
                Map.entry(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int) sessionTimeout.toMillis() / 3),
                Map.entry(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_MAX_WAIT_MS),
                Map.entry(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, RETRY_BACKOFF_MS),
                Map.entry(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 30_000), // bounds the time to find a new partition
                Map.entry(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000),
                Map.entry(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 2 * MIB),
                Map.entry(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 * MIB),
                Map.entry(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000)));
    }

    static Producer<byte[], byte[]> deadLetterProducer(KafkaAccess kafka) {
        return kafka.producer(Map.of(ProducerConfig.CLIENT_ID_CONFIG, groupId(kafka) + "-dead-letters",
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 64 * MIB, // the broker has the effective limit
                ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 15_000));
    }

    static Admin admin(KafkaAccess kafka) {
        return kafka.admin(Map.of(AdminClientConfig.CLIENT_ID_CONFIG, groupId(kafka) + "-admin",
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                3_000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000));
    }
}
