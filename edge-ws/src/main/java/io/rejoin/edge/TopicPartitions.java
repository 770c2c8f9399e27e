package io.rejoin.edge;

import io.rejoin.contracts.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many partitions the topics have that an edge uses. Routers make them; an edge waits for them.
 *
 * @param events the id of the topic {@code rejoin.events}, by which an installation is known; null where it may not be asked
 */
record TopicPartitions(int commands, int deliveries, @Nullable String events) {
    private static final Logger log = LoggerFactory.getLogger(TopicPartitions.class);
    private static final List<String> NEEDED = List.of(Topics.COMMANDS, Topics.DELIVERIES, Topics.EDGES);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration SAY_EVERY = Duration.ofSeconds(5);

    /**
     * Waits until all topics are there.
     *
     * @throws IllegalStateException when they are not in time
     */
    static TopicPartitions await(String bootstrapServers, Duration atMost) throws InterruptedException {
        var begun = System.nanoTime();
        var said = begun - SAY_EVERY.toNanos() + PAUSE.toNanos();
        try (var admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000, AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                2_000, AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500))) {
            while (true) {
                var missing = "";
                try {
                    return read(admin);
                } catch (ExecutionException e) {
                    missing = String.valueOf(e.getCause());
                }
                var now = System.nanoTime();
                if (now - begun > atMost.toNanos())
                    throw new IllegalStateException("the topics " + NEEDED + " cannot be"
                            + " had from " + bootstrapServers + ": " + missing
                            + "; a router makes them: is one running?");
                if (now - said > SAY_EVERY.toNanos()) {
                    said = now;
                    log.atInfo().addKeyValue("bootstrap", bootstrapServers).addKeyValue("reason", missing)
                            .log("waiting for Kafka and the topics a router makes");
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    private static TopicPartitions read(Admin admin) throws ExecutionException, InterruptedException {
        var topics = admin.describeTopics(NEEDED).allTopicNames().get();
        return new TopicPartitions(partitions(topics, Topics.COMMANDS), partitions(topics, Topics.DELIVERIES),
                events(admin));
    }

    /** An edge does not need that topic, and may not be allowed to ask about it. */
    private static @Nullable String events(Admin admin) throws ExecutionException, InterruptedException {
        try {
            var topic = admin.describeTopics(List.of(Topics.EVENTS)).allTopicNames().get().get(Topics.EVENTS);
            return Objects.requireNonNull(topic).topicId().toString();
        } catch (ExecutionException e) {
            var isHidden = e.getCause() instanceof AuthorizationException
                    || e.getCause() instanceof UnknownTopicOrPartitionException;
            if (!isHidden) throw e;
            log.atWarn().addKeyValue("reason", String.valueOf(e.getCause()))
                    .log("rejoin.events cannot be described: whether history is of this installation is not checked");
            return null;
        }
    }

    private static int partitions(Map<String, TopicDescription> topics, String topic) {
        return Objects.requireNonNull(topics.get(topic)).partitions().size();
    }
}
