package io.rejoin.kafka;

import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.env.Program;
import io.rejoin.contracts.env.Settings;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Access of a service to its Kafka: the brokers, the names of its topics, and the operator's settings of Kafka's
 * clients. All clients are opened here. The operator's settings override those of the service, but an operator cannot
 * change settings on which the guarantees depend.
 */
public final class KafkaAccess {
    /** Default address of the brokers. */
    private static final String HERE = "127.0.0.1:9092";
    private static final String PREFIX = "REJOIN_PREFIX";
    private static final String SERVERS = "KAFKA_BOOTSTRAP_SERVERS";

    private final String servers;
    private final TopicNames topics;
    private final ClientSettings operators;

    private KafkaAccess(String servers, TopicNames topics, ClientSettings operators) {
        this.servers = servers;
        this.topics = topics;
        this.operators = operators;
    }

    /**
     * Reads {@code KAFKA_BOOTSTRAP_SERVERS}, {@code REJOIN_PREFIX} and all other variables that begin with
     * {@code KAFKA_}. Unusable values become problems of {@code settings}.
     */
    public static KafkaAccess read(Settings settings) {
        var servers = settings.brokers(SERVERS, HERE);
        return new KafkaAccess(servers, new TopicNames(prefix(settings)), ClientSettings.read(settings));
    }

    /** Creates access to brokers without authentication, with topic names without a prefix. */
    public static KafkaAccess of(String servers) {
        return of(servers, TopicNames.PLAIN);
    }

    /** Creates access to brokers without authentication. */
    public static KafkaAccess of(String servers, TopicNames topics) {
        return new KafkaAccess(servers, topics, ClientSettings.NONE);
    }

    private static String prefix(Settings settings) {
        var prefix = settings.text(PREFIX, "");
        if (TopicNames.isPrefix(prefix)) return prefix;
        settings.problem(
                PREFIX + " is a prefix of topic names and must have at most 200 of the characters A-Z a-z 0-9 . _ -"
                        + " such as team-a. not " + Settings.shown(prefix));
        return "";
    }

    /** The brokers as {@code host:port}, separated by commas. */
    public String servers() {
        return servers;
    }

    public TopicNames topics() {
        return topics;
    }

    /** The name of this service for Kafka's authorizer, if its settings contain the name; otherwise a placeholder. */
    public String principal() {
        return operators.principal();
    }

    /**
     * Opens a consumer. It does not commit automatically and creates no topics. Without a position it fails, unless
     * {@code ours} says where it begins.
     *
     * @param ours further settings for this consumer
     * @throws IllegalStateException if it cannot be opened with the operator's settings
     */
    public Consumer<byte[], byte[]> consumer(Map<String, ?> ours) {
        var settings = settings(ours, ConsumerConfig.configDef());
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.putIfAbsent(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none"); // fail on expired records, skip none
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return opened(
                () -> new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /**
     * Opens a producer. An acknowledged record is on all in-sync replicas, exactly once.
     *
     * @param ours further settings for this producer
     * @throws IllegalStateException if it cannot be opened with the operator's settings
     */
    public Producer<byte[], byte[]> producer(Map<String, ?> ours) {
        var settings = settings(ours, ProducerConfig.configDef());
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // Kafka refuses a request timeout that is longer than the delivery timeout
        atMost(settings, CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG,
                number(ours, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG)
                        - number(settings, ProducerConfig.LINGER_MS_CONFIG));
        return opened(() -> new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()));
    }

    /**
     * Opens an admin client, to read and change topics and groups.
     *
     * @param ours settings for this client
     * @throws IllegalStateException if it cannot be opened with the operator's settings
     */
    public Admin admin(Map<String, ?> ours) {
        var settings = settings(ours, AdminClientConfig.configDef());
        atMost(settings, CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG,
                number(ours, CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG));
        return opened(() -> Admin.create(settings));
    }

    /**
     * Merges the settings in this order: a short reconnect backoff, the settings of this client, those of the operator.
     * Later ones override earlier ones.
     */
    private Map<String, Object> settings(Map<String, ?> ours, ConfigDef client) {
        var settings = new HashMap<String, Object>();
        settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
        settings.putAll(ours);
        settings.putAll(operators.of(client));
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
        return settings;
    }

    /**
     * Limits a setting that is set. An unset bound (0) needs no limit: Kafka's default for it is longer than any bound
     * of ours.
     */
    private static void atMost(Map<String, Object> settings, String name, long bound) {
        if (bound > 0 && number(settings, name) > bound) settings.put(name, (int) bound);
    }

    private static long number(Map<String, ?> settings, String name) {
        Object value = settings.get(name);
        return value == null ? 0 : Long.parseLong(value.toString());
    }

    private <C> C opened(Supplier<C> open) {
        try {
            return open.get();
        } catch (KafkaException e) {
            throw new IllegalStateException(operators.problem(e), e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KafkaAccess access && servers.equals(access.servers) && topics.equals(access.topics)
                && operators.equals(access.operators);
    }

    @Override
    public int hashCode() {
        return Objects.hash(servers, topics, operators);
    }

    /** Omits secrets. */
    @Override
    public String toString() {
        return "KafkaAccess[servers=" + servers + ", prefix=" + topics.prefix() + ", settings=" + operators + "]";
    }

    /** Returns the messages of a failure and its causes, in one line. */
    static String explained(Throwable failure) {
        return Program.explained(failure);
    }
}
