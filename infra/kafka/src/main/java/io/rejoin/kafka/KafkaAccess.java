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
 * How a service reaches its Kafka, and the only place where it opens clients: the brokers, the names of its topics there, and
 * the settings of Kafka's clients that an operator gives. Those win over what a service sets by itself; what the guarantees
 * rest on, an operator cannot set.
 */
public final class KafkaAccess {
    /** Where brokers are if nothing else is said. */
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
     * Reads {@code KAFKA_BOOTSTRAP_SERVERS}, {@code REJOIN_PREFIX} and every other variable that begins with {@code KAFKA_}.
     * What cannot be used is noted in the settings.
     */
    public static KafkaAccess read(Settings settings) {
        var servers = settings.brokers(SERVERS, HERE);
        return new KafkaAccess(servers, new TopicNames(prefix(settings)), ClientSettings.read(settings));
    }

    /** Brokers that ask for nothing, and topics without a prefix. */
    public static KafkaAccess of(String servers) {
        return of(servers, TopicNames.PLAIN);
    }

    /** Brokers that ask for nothing. */
    public static KafkaAccess of(String servers, TopicNames topics) {
        return new KafkaAccess(servers, topics, ClientSettings.NONE);
    }

    private static String prefix(Settings settings) {
        var prefix = settings.text(PREFIX, "");
        if (TopicNames.isPrefix(prefix)) return prefix;
        settings.problem(
                PREFIX + " begins names of topics, so it has up to 200 of A-Z a-z 0-9 . _ - such as team-a. not "
                        + Settings.shown(prefix));
        return "";
    }

    /** {@code host:port} of brokers, by comma. */
    public String servers() {
        return servers;
    }

    public TopicNames topics() {
        return topics;
    }

    /**
     * What Kafka's authorizer calls this service, as far as its settings tell; something to be filled in otherwise.
     */
    public String principal() {
        return operators.principal();
    }

    /**
     * A consumer that commits nothing by itself, begins nowhere by itself unless told and makes no topics.
     *
     * @param ours what this one is set to beyond that
     * @throws IllegalStateException if the operator's settings do not let it be opened
     */
    public Consumer<byte[], byte[]> consumer(Map<String, ?> ours) {
        var settings = settings(ours, ConsumerConfig.configDef());
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.putIfAbsent(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none"); // what expired is noticed, not skipped
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return opened(
                () -> new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /**
     * A producer whose records are on all in-sync replicas once they are acknowledged, each of them once.
     *
     * @param ours what this one is set to beyond that
     * @throws IllegalStateException if the operator's settings do not let it be opened
     */
    public Producer<byte[], byte[]> producer(Map<String, ?> ours) {
        var settings = settings(ours, ProducerConfig.configDef());
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // Kafka refuses a request that may take longer than the whole delivery
        atMost(settings, CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG,
                number(ours, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG)
                        - number(settings, ProducerConfig.LINGER_MS_CONFIG));
        return opened(() -> new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()));
    }

    /**
     * A client that asks about topics and groups, and changes them.
     *
     * @param ours what this one is set to
     * @throws IllegalStateException if the operator's settings do not let it be opened
     */
    public Admin admin(Map<String, ?> ours) {
        var settings = settings(ours, AdminClientConfig.configDef());
        atMost(settings, CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG,
                number(ours, CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG));
        return opened(() -> Admin.create(settings));
    }

    /** Comes back soon to a broker that was away; over it what one client needs; over that what the operator says. */
    private Map<String, Object> settings(Map<String, ?> ours, ConfigDef client) {
        var settings = new HashMap<String, Object>();
        settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
        settings.putAll(ours);
        settings.putAll(operators.of(client));
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
        return settings;
    }

    /** Kafka's own defaults are longer than any bound of ours, so that only what is set counts. */
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

    /** Without secrets. */
    @Override
    public String toString() {
        return "KafkaAccess[servers=" + servers + ", prefix=" + topics.prefix() + ", settings=" + operators + "]";
    }

    /** What failed over all that it was caused by, in one line. */
    static String explained(Throwable failure) {
        return Program.explained(failure);
    }
}
