package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Reads from Kafka how an installation is doing: brokers, topics and consumer groups. Each method asks Kafka and
 * blocks. A {@link KafkaException} says what Kafka refused.
 */
final class ClusterView implements AutoCloseable {
    /**
     * The progress of a group in one partition.
     *
     * @param position the committed offset; null if the group has not committed one yet
     * @param end      the offset after the last record
     */
    record Position(int partition, @Nullable Long position, long end) {
        @Nullable
        Long lag() {
            return position == null ? null : Math.max(0, end - position);
        }
    }

    /** A group of consumers, and the topic that it reads. */
    record Group(String name, String topic, int members, List<Position> partitions) {
        Group {
            partitions = List.copyOf(partitions);
        }

        /** The sum over all partitions with a committed offset. */
        long lag() {
            return partitions.stream().map(Position::lag).filter(Objects::nonNull).mapToLong(Long::longValue).sum();
        }

        /** The largest lag of a partition. */
        long most() {
            return partitions.stream().map(Position::lag).filter(Objects::nonNull).mapToLong(Long::longValue).max()
                    .orElse(0);
        }

        boolean isWithin(long most) {
            return partitions.stream().map(Position::lag).allMatch(lag -> lag != null && lag <= most);
        }
    }

    private final KafkaAccess kafka;
    private final Admin admin;

    ClusterView(KafkaAccess kafka) {
        this.kafka = kafka;
        this.admin = kafka.admin(Map.of(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000,
                CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 5_000));
    }

    /** The number of brokers. */
    int brokers() {
        return get(admin.describeCluster().nodes()).size();
    }

    /**
     * A topic that must exist.
     *
     * @throws OperatorException if it does not
     */
    TopicDescription topic(String name) {
        try {
            return Objects.requireNonNull(get(admin.describeTopics(List.of(name)).allTopicNames()).get(name));
        } catch (UnknownTopicOrPartitionException e) {
            throw new OperatorException("there is no topic " + name + " at " + kafka.servers()
                    + ": no router has run here yet, or KAFKA_BOOTSTRAP_SERVERS or REJOIN_PREFIX is wrong");
        }
    }

    /** The groups of routers and of history, in this order. */
    List<Group> groups() {
        var topics = kafka.topics();
        return List.of(group(topics.prefixed("rejoin-router"), topics.commands()),
                group(topics.prefixed("rejoin-history"), topics.events()));
    }

    private Group group(String name, String topic) {
        var all = topic(topic).partitions().stream().map(each -> new TopicPartition(topic, each.partition())).toList();
        var ends = get(admin.listOffsets(all.stream().collect(Collectors.toMap(each -> each, _ -> OffsetSpec.latest())))
                .all());
        var read = get(admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata());
        var positions = new ArrayList<Position>();
        for (var partition : all) {
            var committed = read.get(partition);
            positions.add(new Position(partition.partition(), committed == null ? null : committed.offset(),
                    Objects.requireNonNull(ends.get(partition)).offset()));
        }
        positions.sort(Comparator.comparingInt(Position::partition));
        return new Group(name, topic, members(name), positions);
    }

    private int members(String group) {
        try {
            return Objects.requireNonNull(get(admin.describeConsumerGroups(List.of(group)).all()).get(group)).members()
                    .size();
        } catch (GroupIdNotFoundException _) {
            return 0; // no member ever joined the group
        }
    }

    private static <T> T get(KafkaFuture<T> asked) {
        try {
            return asked.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException refused ? refused : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
