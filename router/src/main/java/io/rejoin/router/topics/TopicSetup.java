package io.rejoin.router.topics;

import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.env.BrokerNames;
import io.rejoin.kafka.Rights;
import io.rejoin.router.RouterConfig;
import io.rejoin.router.kafka.KafkaClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates missing topics and checks existing ones. It changes only two settings of an existing topic: the timestamp
 * type of {@code rejoin.edges}, and how long {@code rejoin.state} keeps tombstones. An operator's other settings stay.
 */
public final class TopicSetup {
    private static final Logger log = LoggerFactory.getLogger(TopicSetup.class);
    private static final Duration KAFKA_TIMEOUT = Duration.ofMinutes(2);
    private static final String TIMESTAMP_TYPE = "message.timestamp.type";
    private static final String TOMBSTONE_RETENTION = "delete.retention.ms";
    private static final String RETENTION = "retention.ms";
    private static final Duration DEFAULT_EVENTS_RETENTION = Duration.ofDays(30);
    private static final String LOG_APPEND_TIME = "LogAppendTime";

    private final RouterConfig config;
    private final TopicNames topics;
    private final Rights rights;
    private final Supplier<Admin> adminFactory;

    public TopicSetup(RouterConfig config) {
        this(config, () -> KafkaClients.admin(config.kafka()));
    }

    TopicSetup(RouterConfig config, Supplier<Admin> adminFactory) {
        this.config = config;
        this.topics = config.kafka().topics();
        this.rights = Rights.ofRouter(config.kafka());
        this.adminFactory = adminFactory;
    }

    /**
     * The topic of commands.
     *
     * @param partitions number of partitions
     * @param id         that Kafka assigned at creation; tells whether an edge appends to the same log
     */
    public record CommandTopic(int partitions, String id) {}

    /**
     * Creates and checks the topics. Waits for Kafka within a time limit.
     *
     * @throws IllegalStateException when Kafka stays away or refuses what is needed, or the existing topics do not fit
     *          together
     */
    public CommandTopic ensure() throws InterruptedException {
        BrokerNames.await(config.kafka().servers(), KAFKA_TIMEOUT, log::warn);
        var deadline = System.nanoTime() + KAFKA_TIMEOUT.toNanos();
        try (var admin = adminFactory.get()) {
            while (true) {
                try {
                    rights.check(admin);
                    createMissing(admin);
                    useBrokerTimestamps(admin);
                    new TopicCheck(admin, topics).check();
                    shortenTombstoneRetention(admin);
                    warnAboutRetention(admin);
                    return commandTopic(admin.describeTopics(partitionedTopics()).allTopicNames().get());
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof AuthorizationException)
                        throw new IllegalStateException(rights.refusal(e).orElseThrow(), e);
                    if (System.nanoTime() > deadline) {
                        throw new IllegalStateException(
                                "cannot use Kafka at " + config.kafka().servers() + " after "
                                        + KAFKA_TIMEOUT.toSeconds() + " s of retries: "
                                        + rights.refusal(e).orElse("check KAFKA_BOOTSTRAP_SERVERS and the broker"),
                                e);
                    }
                    if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                        log.atWarn().addKeyValue("servers", config.kafka().servers())
                                .addKeyValue("reason", rights.refusal(e).orElseGet(() -> String.valueOf(e.getCause())))
                                .log("waiting for Kafka");
                    }
                    Thread.sleep(500);
                }
            }
        }
    }

    /**
     * Checks the topics and changes nothing.
     *
     * @throws IllegalStateException when Kafka does not answer, or topics are missing or do not fit together
     */
    public CommandTopic check() throws InterruptedException {
        try (var admin = adminFactory.get()) {
            var existing = admin.listTopics().names().get();
            var missing = newTopics().stream().map(NewTopic::name).filter(each -> !existing.contains(each)).toList();
            if (!missing.isEmpty())
                throw new IllegalStateException("the topics " + missing + " are missing: start a router, or run"
                        + " `infra/rejoinctl topics create`, to create them");
            new TopicCheck(admin, topics).check();
            return commandTopic(admin.describeTopics(partitionedTopics()).allTopicNames().get());
        } catch (ExecutionException e) {
            throw new IllegalStateException("Kafka at " + config.kafka().servers() + " does not list its topics: "
                    + rights.refusal(e).orElseGet(() -> String.valueOf(e.getCause())), e);
        }
    }

    /** Creates the missing topics. A router without the right to do so accepts topics that an operator has created. */
    private void createMissing(Admin admin) throws ExecutionException, InterruptedException {
        var refused = new ArrayList<String>();
        for (var result : admin.createTopics(newTopics()).values().entrySet()) {
            try {
                result.getValue().get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof AuthorizationException) refused.add(result.getKey());
                else if (!(e.getCause() instanceof TopicExistsException)) throw e;
            }
        }
        var existing = refused.isEmpty() ? Set.of() : admin.listTopics().names().get();
        refused.removeAll(existing);
        if (!refused.isEmpty())
            throw new IllegalStateException(
                    "the topics " + refused + " are missing, and this router has no right to create them."
                            + " Create the topics, or grant the right. "
                            + rights.missing("topic", refused, Set.of(AclOperation.CREATE)));
    }

    /**
     * Sets the timestamp type of the heartbeat topic, which earlier versions created without it. Routers derive log
     * time from their own beats in this topic.
     */
    private void useBrokerTimestamps(Admin admin) throws ExecutionException, InterruptedException {
        var found = setting(admin, topics.edges(), TIMESTAMP_TYPE);
        if (found == null || LOG_APPEND_TIME.equals(found.value())) return;
        change(admin, topics.edges(), TIMESTAMP_TYPE, LOG_APPEND_TIME,
                "routers need the timestamps of the broker in this topic");
    }

    /**
     * Sets how long the state topic keeps tombstones, which earlier versions left at the default of a day. Every router
     * that takes a shard over would then read a tombstone for each room removed in the last day. A value that an
     * operator has set stays.
     */
    private void shortenTombstoneRetention(Admin admin) throws ExecutionException, InterruptedException {
        var found = setting(admin, topics.state(), TOMBSTONE_RETENTION);
        if (found == null || found.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG) return;
        change(admin, topics.state(), TOMBSTONE_RETENTION, minutes(10),
                "takeovers are faster without the records of deleted rooms");
    }

    /**
     * Warns if an existing events topic has another retention than configured. It is not changed: a shorter retention
     * would delete events at once and irreversibly.
     */
    private void warnAboutRetention(Admin admin) throws ExecutionException, InterruptedException {
        var wanted = config.eventsRetention();
        var found = wanted == null ? null : setting(admin, topics.events(), RETENTION);
        if (wanted == null || found == null || retention(wanted).equals(found.value())) return;
        log.atWarn().addKeyValue("topic", topics.events()).addKeyValue(RETENTION, found.value())
                .addKeyValue("wanted", retention(wanted))
                .addKeyValue("run", alterCommand(topics.events(), RETENTION, retention(wanted)))
                .log("the events topic has another retention than ROUTER_EVENTS_RETENTION. The variable applies only"
                        + " when a router creates the topic. Change the topic or the variable");
    }

    private static String retention(Duration duration) {
        return duration.equals(RouterConfig.NEVER) ? "-1" : Long.toString(duration.toMillis());
    }

    private static String alterCommand(String topic, String setting, String value) {
        return "kafka-configs.sh --bootstrap-server ... --alter --topic " + topic + " --add-config " + setting + "="
                + value;
    }

    private static @Nullable ConfigEntry setting(Admin admin, String topic, String setting)
            throws ExecutionException, InterruptedException {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        var config = admin.describeConfigs(List.of(resource)).values().get(resource);
        return config == null ? null : config.get().get(setting);
    }

    /**
     * Changes a setting. A router without the right to do so continues, because everything works without the change,
     * only less well.
     */
    private static void change(Admin admin, String topic, String setting, String value, String reason)
            throws ExecutionException, InterruptedException {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        var change = new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET);
        try {
            admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
            log.atInfo().addKeyValue("topic", topic).addKeyValue(setting, value).addKeyValue("why", reason)
                    .log("topic setting changed");
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof AuthorizationException)) throw e;
            log.atWarn().addKeyValue("why", reason)
                    .addKeyValue("run", alterCommand(topic, setting, value))
                    .log("this router has no right to change a topic setting and continues without the change. To"
                            + " change the setting, run the given command");
        }
    }

    private CommandTopic commandTopic(Map<String, TopicDescription> described) {
        var counts = described.values().stream().map(topic -> topic.partitions().size()).distinct().toList();
        if (counts.size() == 1)
            return new CommandTopic(counts.getFirst(),
                    Objects.requireNonNull(described.get(topics.commands())).topicId().toString());
        throw new IllegalStateException(
                "the topics " + partitionedTopics() + " must have the same number of partitions, but they have "
                        + counts + ": a room would be in different partitions. Create the topics again with equal"
                        + " numbers");
    }

    private List<String> partitionedTopics() {
        return List.of(topics.commands(), topics.events(), topics.state());
    }

    private List<NewTopic> newTopics() {
        var eventsRetention = Objects.requireNonNullElse(config.eventsRetention(), DEFAULT_EVENTS_RETENTION);
        return List.of(topic(topics.commands(), config.partitions(),
                Map.of(TIMESTAMP_TYPE, LOG_APPEND_TIME, RETENTION, days(7))),
                topic(topics.events(), config.partitions(), Map.of(RETENTION, retention(eventsRetention))),
                topic(topics.state(), config.partitions(),
                        Map.of("cleanup.policy", "compact", "segment.bytes", "4194304",
                                "min.cleanable.dirty.ratio", "0.1", "segment.ms", "600000", TOMBSTONE_RETENTION,
                                minutes(10))),
                // one partition: routers measure an edge's silence by the beats that stand between its heartbeats
                topic(topics.edges(), 1,
                        Map.of("cleanup.policy", "compact,delete", RETENTION, days(1), "segment.ms",
                                "600000", TIMESTAMP_TYPE, LOG_APPEND_TIME)),
                topic(topics.deadLetters(), 1, Map.of(RETENTION, days(14))));
    }

    private NewTopic topic(String name, int partitions, Map<String, String> settings) {
        return new NewTopic(name, partitions, config.replication()).configs(settings);
    }

    private static String minutes(int minutes) {
        return Long.toString(Duration.ofMinutes(minutes).toMillis());
    }

    private static String days(int days) {
        return Long.toString(Duration.ofDays(days).toMillis());
    }
}
