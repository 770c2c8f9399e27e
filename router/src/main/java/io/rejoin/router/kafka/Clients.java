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

/** Opens the Kafka clients of a router; the only place with their settings but for what an operator sets. */
public final class Clients {
    /** The largest record that is sent, in bytes: the broker's own default, less what surrounds a value. */
    static final int MAX_VALUE = 1_000_000;

    /** Bytes for batches that are not full, of all partitions. */
    private static final long BATCHES = 32L * 1024 * 1024;
    /** In milliseconds: by a heartbeat a router learns that the group has changed. */
    private static final int HEARTBEAT = 500;
    /** In milliseconds. So often Kafka's client looks whether a heartbeat is due, however seldom one is. */
    private static final int LOOK = 250;
    /** In milliseconds: longer than something comes, but a client that is closed waits for it. */
    private static final int WATCH = 2_000;
    /** In milliseconds: nobody waits for events, and what comes together costs less. */
    private static final int LINGER = 50;
    private static final Duration TRANSACTION = Duration.ofSeconds(30);

    private final RouterConfig config;

    public Clients(RouterConfig config) {
        this.config = config;
    }

    /** Looks at the topics and makes those that are missing. */
    static Admin admin(KafkaAccess kafka) {
        return kafka.admin(Map.of(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000,
                CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 5_000));
    }

    TopicNames topics() {
        return config.kafka().topics();
    }

    /** The consumer group that shares the command log; also begins the ids of transactional producers. */
    String group() {
        return topics().prefixed("rejoin-router");
    }

    /** Looks at the group of routers and changes it. */
    Admin groupAdmin() {
        return config.kafka().admin(Map.of(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000,
                CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 2_000));
    }

    /**
     * Shares the command log with the other routers. Positions come from checkpoints, never from a default.
     *
     * @param id    by which others can put this one out of the group
     * @param limit how many partitions it will keep, when the group shares them
     */
    Consumer<byte[], byte[]> commands(String id, IntSupplier limit) {
        var session = (int) config.sessionTimeout().toMillis();
        return consumer(Map.of(ConsumerConfig.GROUP_ID_CONFIG, group(), ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, id,
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, session, ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
                Math.min(session / 3, HEARTBEAT), ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, LOOK,
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                SheddingAssignor.class.getName(), SheddingAssignor.LIMIT, limit));
    }

    /** Reads what is committed, of partitions it is given. */
    Consumer<byte[], byte[]> reader() {
        return consumer(Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000));
    }

    /**
     * Reads whatever is there, as {@link #commands} does, of partitions it is given. So a transaction that some program left
     * open hides nothing from it.
     */
    Consumer<byte[], byte[]> plainReader() {
        return consumer(Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000));
    }

    /** Watches a topic in which something comes all the time: a read ends with that. */
    Consumer<byte[], byte[]> watcher() {
        return consumer(Map.of(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, WATCH));
    }

    /**
     * Emits in order, and gives up late: a failure costs all shards of this router their state. Whoever uses it closes it at the
     * first one. It never blocks for want of memory: batches that are not full take more than the records in them.
     *
     * @param inFlight bounds what is given to it
     */
    Producer<byte[], byte[]> outputs(InFlight inFlight) {
        return producer(Map.of(ProducerConfig.BUFFER_MEMORY_CONFIG, 2 * inFlight.all() + BATCHES,
                ProducerConfig.LINGER_MS_CONFIG, LINGER, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 120_000,
                ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000, ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_VALUE + 40_000));
    }

    /** Writes the checkpoints of one partition; opening another one for it fences this. */
    Producer<byte[], byte[]> checkpoints(int partition) {
        return producer(Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, group() + "-" + partition,
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION.toMillis(),
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) TRANSACTION.toMillis(),
                ProducerConfig.LINGER_MS_CONFIG, 0, ProducerConfig.COMPRESSION_TYPE_CONFIG, "gzip",
                ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) TRANSACTION.toMillis()));
    }

    /** For beats and for giving edges up: what is lost is said again. */
    Producer<byte[], byte[]> signs() {
        return producer(Map.of(ProducerConfig.LINGER_MS_CONFIG, 0, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 5_000,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000, ProducerConfig.MAX_BLOCK_MS_CONFIG, 500));
    }

    private Consumer<byte[], byte[]> consumer(Map<String, Object> special) {
        return config.kafka().consumer(special);
    }

    /**
     * Sends one request at a time. A broker takes the first batch it sees of a producer whatever its sequence number is: a
     * second one on its way could so be taken though the first was refused, by a leader that was not one yet for instance.
     */
    private Producer<byte[], byte[]> producer(Map<String, Object> special) {
        var settings = new HashMap<>(special);
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        settings.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        return config.kafka().producer(settings);
    }
}
