package io.rejoin.edge;

import io.rejoin.contracts.TopicNames;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.kafka.Rights;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The facts about topics that an edge needs. Routers create the topics; an edge waits for them.
 *
 * @param commands   the number of partitions of the command log, which is the number of shards
 * @param commandsId the topic id of the command log
 * @param events     the id of the topic {@code rejoin.events}, which identifies an installation; null if the edge may
 *                   not read it
 */
record TopicPartitions(int commands, String commandsId, @Nullable String events) {
    private static final Logger log = LoggerFactory.getLogger(TopicPartitions.class);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration SAY_EVERY = Duration.ofSeconds(5);

    /**
     * Waits until all topics exist.
     *
     * @throws IllegalStateException on timeout, or if a permission is missing
     */
    static TopicPartitions await(KafkaAccess kafka, Duration atMost) throws InterruptedException {
        var rights = Rights.ofEdge(kafka);
        var begun = System.nanoTime();
        var said = begun - SAY_EVERY.toNanos() + PAUSE.toNanos();
        try (var admin = kafka.admin(Map.of(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                2_000))) {
            while (true) {
                var missing = "";
                try {
                    rights.check(admin);
                    return read(admin, kafka.topics());
                } catch (ExecutionException e) {
                    missing = rights.refusal(e)
                            .orElseGet(() -> e.getCause() + "; a router creates the topics: does a router run?");
                    if (e.getCause() instanceof AuthorizationException) throw new IllegalStateException(missing, e);
                }
                var now = System.nanoTime();
                if (now - begun > atMost.toNanos())
                    throw new IllegalStateException("the topics " + needed(kafka.topics()) + " are not"
                            + " available at " + kafka.servers() + ": " + missing);
                if (now - said > SAY_EVERY.toNanos()) {
                    said = now;
                    log.atInfo().addKeyValue("bootstrap", kafka.servers()).addKeyValue("reason", missing)
                            .log("waiting for Kafka and the topics that a router creates");
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    private static List<String> needed(TopicNames topics) {
        return List.of(topics.commands(), topics.edges());
    }

    private static TopicPartitions read(Admin admin, TopicNames topics)
            throws ExecutionException, InterruptedException {
        var found = admin.describeTopics(needed(topics)).allTopicNames().get();
        var commands = Objects.requireNonNull(found.get(topics.commands()));
        return new TopicPartitions(commands.partitions().size(), commands.topicId().toString(),
                events(admin, topics.events()));
    }

    /**
     * The id of the events topic; null if hidden. An edge does not need this topic, and may have no permission for it.
     */
    private static @Nullable String events(Admin admin, String events) throws ExecutionException, InterruptedException {
        try {
            var topic = admin.describeTopics(List.of(events)).allTopicNames().get().get(events);
            return Objects.requireNonNull(topic).topicId().toString();
        } catch (ExecutionException e) {
            var isHidden = e.getCause() instanceof AuthorizationException
                    || e.getCause() instanceof UnknownTopicOrPartitionException;
            if (!isHidden) throw e;
            log.atWarn().addKeyValue("topic", events).addKeyValue("reason", String.valueOf(e.getCause()))
                    .log("the topic of events is hidden: the edge cannot check that history is of this installation");
            return null;
        }
    }
}
