package io.rejoin.history.ingest;

import io.rejoin.contracts.Topics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/** What the broker says of itself and of {@code rejoin.events}. Safe for any thread; every question has a time limit. */
public final class EventsTopic implements AutoCloseable {
    private static final Duration PING = Duration.ofSeconds(2);

    private final Admin admin;
    private final AtomicReference<@Nullable String> first = new AtomicReference<>();

    public EventsTopic(String bootstrapServers) {
        this.admin = KafkaClients.admin(bootstrapServers);
    }

    /**
     * The id Kafka gave the topic when it was made.
     *
     * @throws KafkaException        an {@code UnknownTopicOrPartitionException} if it does not exist
     * @throws IllegalStateException if it is another one than before: what is stored is not of that topic
     */
    public String id() {
        var topics = answer(admin.describeTopics(List.of(Topics.EVENTS)).allTopicNames());
        var id = topics.values().iterator().next().topicId().toString();
        if (!first.compareAndSet(null, id) && !id.equals(first.get()))
            throw new IllegalStateException(
                    Topics.EVENTS + " was made anew while history ran: its id was " + first.get()
                            + " and is " + id);
        return id;
    }

    /** Answers within seconds whether a broker does. */
    public void ping() {
        var limit = new DescribeClusterOptions().timeoutMs((int) PING.toMillis());
        answer(admin.describeCluster(limit).nodes());
    }

    private static <T> T answer(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException cause) throw cause;
            throw new KafkaException("ask Kafka", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    @Override
    public void close() {
        admin.close(PING);
    }
}
