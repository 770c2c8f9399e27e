package io.rejoin.history.ingest;

import io.rejoin.kafka.KafkaAccess;
import io.rejoin.kafka.Rights;
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

/**
 * The broker's view of the topic {@code rejoin.events}: its id, the rights on it, and whether a broker answers. Safe
 * for any thread. Every request has a time limit.
 */
public final class EventsTopic implements AutoCloseable {
    private static final Duration PING_TIMEOUT = Duration.ofSeconds(2);

    private final Admin admin;
    private final String name;
    private final AtomicReference<@Nullable String> firstId = new AtomicReference<>();

    public EventsTopic(KafkaAccess kafka) {
        this.admin = KafkaClients.admin(kafka);
        this.name = kafka.topics().events();
    }

    public String name() {
        return name;
    }

    /**
     * The id that Kafka gave the topic at its creation.
     *
     * @throws KafkaException        also an {@code UnknownTopicOrPartitionException} if the topic does not exist
     * @throws IllegalStateException if the id has changed since the first call: the stored messages belong to the old
     *                               topic
     */
    public String id() {
        var topics = await(admin.describeTopics(List.of(name)).allTopicNames());
        var id = topics.values().iterator().next().topicId().toString();
        if (!firstId.compareAndSet(null, id) && !id.equals(firstId.get()))
            throw new IllegalStateException(
                    name + " was recreated while history was running: its id was " + firstId.get()
                            + " and is now " + id);
        return id;
    }

    /**
     * Checks that history has the rights it needs.
     *
     * @throws IllegalStateException that names the missing rights
     */
    public void check(Rights rights) {
        try {
            rights.check(admin);
        } catch (ExecutionException e) {
            throw toKafkaException(e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** Checks within seconds that a broker answers. */
    public void ping() {
        var options = new DescribeClusterOptions().timeoutMs((int) PING_TIMEOUT.toMillis());
        await(admin.describeCluster(options).nodes());
    }

    private static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw toKafkaException(e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static KafkaException toKafkaException(ExecutionException failure) {
        return failure.getCause() instanceof KafkaException cause
                ? cause
                : new KafkaException("a request to Kafka failed", failure.getCause());
    }

    @Override
    public void close() {
        admin.close(PING_TIMEOUT);
    }
}
