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
 * @param commandPartitions the number of partitions of the command log, which is the number of shards
 * @param commandsTopicId   the topic id of the command log
 * @param eventsTopicId     the id of the topic {@code rejoin.events}, which identifies an installation; null if the
 *                          edge may not read it
 */
record TopicInfo(int commandPartitions, String commandsTopicId, @Nullable String eventsTopicId) {
    private static final Logger log = LoggerFactory.getLogger(TopicInfo.class);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(500);
    private static final Duration LOG_INTERVAL = Duration.ofSeconds(5);

    /**
     * Waits until all topics exist.
     *
     * @throws IllegalStateException on timeout, or if a permission is missing
     */
    static TopicInfo await(KafkaAccess kafka, Duration timeout) throws InterruptedException {
        var rights = Rights.ofEdge(kafka);
        var start = System.nanoTime();
        var lastLogged = start - LOG_INTERVAL.toNanos() + RETRY_PAUSE.toNanos();
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
                if (now - start > timeout.toNanos())
                    throw new IllegalStateException("the topics " + requiredTopics(kafka.topics()) + " are not"
                            + " available at " + kafka.servers() + ": " + missing);
                if (now - lastLogged > LOG_INTERVAL.toNanos()) {
                    lastLogged = now;
                    log.atInfo().addKeyValue("bootstrap", kafka.servers()).addKeyValue("reason", missing)
                            .log("waiting for Kafka and the topics that a router creates");
                }
                Thread.sleep(RETRY_PAUSE);
            }
        }
    }

    private static List<String> requiredTopics(TopicNames topics) {
        return List.of(topics.commands(), topics.edges());
    }

    private static TopicInfo read(Admin admin, TopicNames topics)
            throws ExecutionException, InterruptedException {
        var found = admin.describeTopics(requiredTopics(topics)).allTopicNames().get();
        var commands = Objects.requireNonNull(found.get(topics.commands()));
        return new TopicInfo(commands.partitions().size(), commands.topicId().toString(),
                eventsTopicId(admin, topics.events()));
    }

    /**
     * The id of the events topic; null if hidden. An edge does not need this topic, and may have no permission for it.
     */
    private static @Nullable String eventsTopicId(Admin admin, String events)
            throws ExecutionException, InterruptedException {
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
