package io.rejoin.router.kafka;

import io.rejoin.contracts.TopicNames;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.router.RouterConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Opens the Kafka clients of a router. All their settings are here, except those that an operator configures. */
public final class KafkaClients {
    /** The largest record to send, in bytes: the broker's default limit, less the overhead around a value. */
    public static final int MAX_VALUE_BYTES = 1_000_000;

    /** Bytes for partly filled batches of all partitions. */
    private static final long BATCH_BYTES = 32L * 1024 * 1024;
    /** In milliseconds. A router learns of a rebalance from the response to its heartbeat. */
    private static final int HEARTBEAT_MS = 500;
    /**
     * In milliseconds. Kafka's client checks at this interval whether a heartbeat is due, however rare heartbeats are.
     */
    private static final int HEARTBEAT_CHECK_MS = 250;
    /**
     * In milliseconds: longer than the time between two records, but short enough, because closing the client waits for
     * it.
     */
    private static final int WATCH_MAX_WAIT_MS = 2_000;
    /** In milliseconds. No client waits for events, and larger batches cost less. */
    private static final int LINGER_MS = 50;
    private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(30);

    private final RouterConfig config;

    public KafkaClients(RouterConfig config) {
        this.config = config;
    }

    /** Opens the client that checks topics and creates missing ones. */
    public static Admin admin(KafkaAccess kafka) {
        return kafka.admin(Map.of(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000,
                CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 5_000));
    }

    public TopicNames topics() {
        return config.kafka().topics();
    }

    /** The consumer group that shares the command log. Also the prefix of the transactional ids. */
    public String groupId() {
        return topics().prefixed("rejoin-router");
    }

    /** Opens the client that lists the group's members and removes some. */
    public Admin groupAdmin() {
        return config.kafka().admin(Map.of(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000,
                CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 2_000));
    }

    /**
     * Opens the consumer that shares the command log with the other routers. Positions come from checkpoints, never
     * from an offset reset.
     *
     * @param id    by which other routers can remove this one from the group
     * @param limit how many partitions this router keeps when the group rebalances
     */
    public Consumer<byte[], byte[]> commandConsumer(String id, IntSupplier limit) {
        var sessionMs = (int) config.sessionTimeout().toMillis();
        return consumer(Map.of(ConsumerConfig.GROUP_ID_CONFIG, groupId(), ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, id,
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, sessionMs, ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
                Math.min(sessionMs / 3, HEARTBEAT_MS), ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, HEARTBEAT_CHECK_MS,
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                SheddingAssignor.class.getName(), SheddingAssignor.LIMIT_CONFIG, limit));
    }

    /** Opens a consumer that reads committed records, of partitions assigned by the caller. */
    public Consumer<byte[], byte[]> committedReader() {
        return consumer(Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000));
    }

    /**
     * Opens a consumer that reads all records, as {@link #commandConsumer} does, of partitions assigned by the caller.
     * So it also sees records behind a transaction that another program left open.
     */
    public Consumer<byte[], byte[]> uncommittedReader() {
        return consumer(Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000));
    }

    /** Opens a consumer for the heartbeats, a topic with steady traffic: each fetch ends with the next record. */
    public Consumer<byte[], byte[]> heartbeatReader() {
        return consumer(Map.of(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, WATCH_MAX_WAIT_MS));
    }

    /**
     * Opens the producer of outputs. It sends in order and has a long timeout, because a failure costs every shard of
     * this router its state. The user must close it at the first failure. It never blocks for lack of memory: its
     * buffer also covers the overhead of partly filled batches.
     *
     * @param inFlightLimits limit the bytes that are passed to it
     */
    public Producer<byte[], byte[]> outputProducer(InFlightLimits inFlightLimits) {
        return producer(Map.of(ProducerConfig.BUFFER_MEMORY_CONFIG, 2 * inFlightLimits.bytesOfAllShards() + BATCH_BYTES,
                ProducerConfig.LINGER_MS_CONFIG, LINGER_MS, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 120_000,
                ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000, ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_VALUE_BYTES + 40_000));
    }

    /**
     * Opens the producer for the checkpoints of one partition. Opening another one for the same partition fences this
     * one.
     */
    public Producer<byte[], byte[]> checkpointProducer(int partition) {
        return producer(Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, groupId() + "-" + partition,
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION_TIMEOUT.toMillis(),
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) TRANSACTION_TIMEOUT.toMillis(),
                ProducerConfig.LINGER_MS_CONFIG, 0, ProducerConfig.COMPRESSION_TYPE_CONFIG, "gzip",
                ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) TRANSACTION_TIMEOUT.toMillis()));
    }

    /** Opens a producer for beats or for the router's own commands. A record that is lost is sent again later. */
    public Producer<byte[], byte[]> controlProducer() {
        return producer(Map.of(ProducerConfig.LINGER_MS_CONFIG, 0, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 5_000,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000, ProducerConfig.MAX_BLOCK_MS_CONFIG, 500));
    }

    private Consumer<byte[], byte[]> consumer(Map<String, Object> overrides) {
        return config.kafka().consumer(overrides);
    }

    /**
     * Opens a producer that sends one request at a time. A broker accepts the first batch that it sees of a producer,
     * whatever its sequence number is. With two requests in flight, the second batch could be accepted although the
     * first was refused. A broker that is not the leader yet refuses a batch, for example.
     */
    private Producer<byte[], byte[]> producer(Map<String, Object> overrides) {
        var allSettings = new HashMap<>(overrides);
        allSettings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        allSettings.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        return config.kafka().producer(allSettings);
    }
}
