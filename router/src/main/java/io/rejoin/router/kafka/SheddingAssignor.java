package io.rejoin.router.kafka;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.common.Configurable;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Assigns partitions as {@link CooperativeStickyAssignor} does, but lets a router that is short of memory shed shards.
 * Such a router keeps only as many partitions as its limit says, and gets no others. The partitions it gives up go to
 * routers without a limit. If every router has a limit, all partitions stay where they are. Each router appends its
 * limit to the user data of its subscription. Routers of earlier versions ignore these bytes, so both versions can be
 * in one group.
 */
public final class SheddingAssignor extends CooperativeStickyAssignor implements Configurable {
    /** The setting that holds an {@link IntSupplier}: how many partitions this router keeps. */
    static final String LIMIT_CONFIG = "rejoin.shards.limit";
    /** The value for no limit. */
    public static final int NO_LIMIT = Integer.MAX_VALUE;

    private IntSupplier limit = () -> NO_LIMIT;

    @Override
    public void configure(Map<String, ?> settings) {
        if (settings.get(LIMIT_CONFIG) instanceof IntSupplier supplier) limit = supplier;
    }

    @Override
    public ByteBuffer subscriptionUserData(Set<String> topics) {
        var inherited = super.subscriptionUserData(topics);
        var extended = ByteBuffer.allocate((inherited == null ? 0 : inherited.remaining()) + Integer.BYTES);
        if (inherited != null) extended.put(inherited.duplicate());
        return extended.putInt(limit.getAsInt()).flip();
    }

    @Override
    public Map<String, List<TopicPartition>> assignPartitions(Map<String, List<PartitionInfo>> topics,
            Map<String, Subscription> members) {
        var unlimited = new HashMap<String, Subscription>();
        members.forEach((member, subscription) -> {
            if (limit(subscription) == NO_LIMIT) unlimited.put(member, subscription);
        });
        if (unlimited.size() == members.size()) return super.assignPartitions(topics, members);
        var allOwned = new HashSet<TopicPartition>();
        var kept = kept(topics, members, unlimited.isEmpty(), allOwned);
        var free = free(topics, allOwned);
        if (unlimited.isEmpty()) return assignToFewest(free, kept);
        var assigned = new HashMap<String, List<TopicPartition>>(kept);
        var assignedIndexes = super.assignPartitions(renumbered(free), renumberedMembers(unlimited, free));
        assignedIndexes.forEach((member, partitions) -> assigned.put(
                member,
                partitions.stream().map(partition -> Objects.requireNonNull(free.get(partition.topic()))
                        .get(partition.partition())).toList()));
        return assigned;
    }

    /**
     * The partitions that routers with a limit keep.
     *
     * @param keepAll  whether they keep all that they own, regardless of the limit
     * @param allOwned receives all that they own; a partition that they do not keep can be assigned only after they
     *                 have revoked it
     */
    private static Map<String, List<TopicPartition>> kept(Map<String, List<PartitionInfo>> topics,
            Map<String, Subscription> members, boolean keepAll, Set<TopicPartition> allOwned) {
        var kept = new HashMap<String, List<TopicPartition>>();
        var newestFirst = Comparator.comparingInt((String member) -> generation(members, member)).reversed();
        members.keySet().stream().sorted(newestFirst.thenComparing(Comparator.naturalOrder())).forEach(member -> {
            var subscription = Objects.requireNonNull(members.get(member));
            var limit = limit(subscription);
            if (limit == NO_LIMIT) return;
            var owned = subscription.ownedPartitions().stream().filter(partition -> exists(partition, topics))
                    .filter(allOwned::add).toList();
            kept.put(member, new ArrayList<>(owned.subList(0, keepAll ? owned.size() : Math.min(limit, owned.size()))));
        });
        return kept;
    }

    private static int generation(Map<String, Subscription> members, String member) {
        return Objects.requireNonNull(members.get(member)).generationId().orElse(DEFAULT_GENERATION);
    }

    /** Assigns partitions without an owner when every router has a limit: each to the router with the fewest. */
    private static Map<String, List<TopicPartition>> assignToFewest(Map<String, List<TopicPartition>> free,
            Map<String, List<TopicPartition>> members) {
        var fewest = Comparator
                .comparingInt((Map.Entry<String, List<TopicPartition>> member) -> member.getValue().size())
                .thenComparing(Map.Entry::getKey);
        for (var partitions : free.values()) {
            for (var partition : partitions)
                members.entrySet().stream().min(fewest).orElseThrow().getValue().add(partition);
        }
        return members;
    }

    /** The limit, which follows the generation in the user data; {@link #NO_LIMIT} if the user data ends before. */
    private static int limit(Subscription subscription) {
        var data = subscription.userData();
        if (data == null || data.remaining() < 2 * Integer.BYTES) return NO_LIMIT;
        return Math.max(0, data.getInt(data.limit() - Integer.BYTES));
    }

    private static boolean exists(TopicPartition partition, Map<String, List<PartitionInfo>> topics) {
        return Objects.requireNonNullElse(topics.get(partition.topic()), List.<PartitionInfo>of()).stream()
                .anyMatch(info -> info.partition() == partition.partition());
    }

    /** The partitions that no router with a limit owns, by topic. */
    private static Map<String, List<TopicPartition>> free(Map<String, List<PartitionInfo>> topics,
            Set<TopicPartition> allOwned) {
        var free = new HashMap<String, List<TopicPartition>>();
        topics.forEach((topic, infos) -> free.put(topic, infos.stream()
                .map(info -> new TopicPartition(topic, info.partition())).filter(Predicate.not(allOwned::contains))
                .toList()));
        return free;
    }

    /**
     * Renumbers the free partitions of each topic without gaps, because the inherited assignor requires that. The new
     * number is the index in the list of free ones.
     */
    private static Map<String, List<PartitionInfo>> renumbered(Map<String, List<TopicPartition>> free) {
        var renumbered = new HashMap<String, List<PartitionInfo>>();
        free.forEach((topic, partitions) -> renumbered.put(topic, IntStream.range(0, partitions.size())
                .mapToObj(index -> new PartitionInfo(topic, index, null, new Node[0], new Node[0])).toList()));
        return renumbered;
    }

    private static Map<String, Subscription> renumberedMembers(Map<String, Subscription> members,
            Map<String, List<TopicPartition>> free) {
        var renumbered = new HashMap<String, Subscription>();
        members.forEach((member, subscription) -> {
            var owned = subscription.ownedPartitions().stream().flatMap(partition -> {
                var index = Objects.requireNonNullElse(free.get(partition.topic()), List.of()).indexOf(partition);
                return index < 0
                        ? Stream.<TopicPartition>empty()
                        : Stream.of(new TopicPartition(partition.topic(), index));
            }).toList();
            var renumberedSubscription = new Subscription(subscription.topics(), subscription.userData(), owned,
                    subscription.generationId().orElse(DEFAULT_GENERATION), subscription.rackId());
            renumberedSubscription.setGroupInstanceId(subscription.groupInstanceId());
            renumbered.put(member, renumberedSubscription);
        });
        return renumbered;
    }
}
