package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/**
 * Simulates a group in rounds: each member reports its partitions, the leader assigns, and members revoke what they
 * lose, until nothing changes.
 */
class SheddingAssignorTest {
    private static final String TOPIC = "t";
    private static final int PARTITIONS = 12;

    private final Map<String, Integer> limits = new HashMap<>();
    private final Map<String, CooperativeStickyAssignor> members = new TreeMap<>();
    private final Map<String, Set<TopicPartition>> owned = new HashMap<>();
    private int generation;
    private int rounds;

    @Test
    void withoutLimitsPartitionsAreSpreadEvenly() {
        join("a", "b", "c");
        assertThat(sizes()).containsOnly(4);
    }

    @Test
    void onlyTheGivenUpPartitionsMoveToRoutersWithoutALimit() {
        join("a", "b", "c");
        var before = Map.copyOf(owned);
        limits.put("a", 2);
        rebalance();
        assertThat(owned.get("a")).hasSize(2).isSubsetOf(before.get("a"));
        assertThat(owned.get("b")).hasSize(5).containsAll(before.get("b"));
        assertThat(owned.get("c")).hasSize(5).containsAll(before.get("c"));
        assertThat(rounds).isLessThanOrEqualTo(3);
    }

    @Test
    void whenEveryRouterHasALimitNothingMoves() {
        join("a", "b", "c");
        var before = Map.copyOf(owned);
        for (var member : List.of("a", "b", "c")) limits.put(member, 3);
        rebalance();
        assertThat(owned).isEqualTo(before);
    }

    @Test
    void whenTheLastRouterGetsALimitNothingMovesBack() {
        join("a", "b");
        limits.put("a", 2);
        rebalance();
        assertThat(sizes()).containsExactly(2, 10);
        limits.put("b", 9);
        rebalance();
        assertThat(sizes()).containsExactly(2, 10);
    }

    @Test
    void aNewRouterGetsWhatTheOthersGiveUp() {
        join("a", "b");
        limits.put("a", 4);
        limits.put("b", 5);
        rebalance();
        assertThat(sizes()).containsOnly(6);
        join("c");
        assertThat(sizes()).containsExactly(4, 5, 3);
    }

    @Test
    void whenTheRouterWithoutALimitDiesEveryPartitionHasAnOwner() {
        join("a", "b");
        limits.put("a", 4);
        rebalance();
        members.remove("b");
        owned.remove("b");
        rebalance();
        assertThat(owned.get("a")).hasSize(PARTITIONS);
    }

    @Test
    void routersOfAnEarlierVersionCanBeInTheGroup() {
        join("a");
        members.put("old", new CooperativeStickyAssignor());
        owned.put("old", Set.of());
        limits.put("a", 5);
        rebalance();
        assertThat(owned.get("a")).hasSize(5);
        members.put("0 old leads", new CooperativeStickyAssignor());
        owned.put("0 old leads", Set.of());
        rebalance();
        assertThat(sizes()).containsOnly(4);
    }

    @Test
    void afterAnyChangesEachPartitionHasOneOwner() {
        var random = new Random(3);
        for (var n = 0; n < 300; n++) {
            var member = "m" + random.nextInt(6);
            switch (random.nextInt(4)) {
                case 0 -> {
                    members.remove(member);
                    owned.remove(member);
                }
                case 1 -> limits.put(member, random.nextInt(8));
                case 2 -> limits.remove(member);
                default -> {
                    members.computeIfAbsent(member, this::assignor);
                    owned.putIfAbsent(member, Set.of());
                }
            }
            if (members.isEmpty()) continue;
            rebalance();
            assertThat(owned.values().stream().flatMap(Set::stream)).hasSize(PARTITIONS).doesNotHaveDuplicates();
        }
    }

    private void join(String... names) {
        for (var name : names) {
            members.put(name, assignor(name));
            owned.put(name, Set.of());
        }
        rebalance();
    }

    private CooperativeStickyAssignor assignor(String name) {
        var assignor = new SheddingAssignor();
        IntSupplier limit = () -> limits.getOrDefault(name, SheddingAssignor.NO_LIMIT);
        assignor.configure(Map.of(SheddingAssignor.LIMIT_CONFIG, limit));
        return assignor;
    }

    private List<Integer> sizes() {
        return members.keySet().stream().map(member -> owned.getOrDefault(member, Set.of()).size()).toList();
    }

    /**
     * Runs rounds until no member revokes a partition. A revoked partition must not go to another member in the same
     * round.
     */
    private void rebalance() {
        for (rounds = 1; round(); rounds++) assertThat(rounds).isLessThan(20);
    }

    private boolean round() {
        var subscriptions = new HashMap<String, Subscription>();
        members.forEach((name, assignor) -> subscriptions.put(name, new Subscription(List.of(TOPIC),
                assignor.subscriptionUserData(Set.of(TOPIC)), new ArrayList<>(owned.getOrDefault(name, Set.of())),
                generation,
                Optional.empty())));
        var leader = members.values().iterator().next();
        var assignment = leader.assign(cluster(), new GroupSubscription(subscriptions)).groupAssignment();
        generation++;
        var assigned = new HashSet<TopicPartition>();
        var hasRevoked = false;
        for (var entry : assignment.entrySet()) {
            var partitions = new HashSet<>(entry.getValue().partitions());
            assertThat(Collections.disjoint(partitions, assigned)).isTrue();
            assigned.addAll(partitions);
            for (var other : owned.entrySet()) {
                if (!other.getKey().equals(entry.getKey()))
                    assertThat(Collections.disjoint(partitions, other.getValue())).isTrue();
            }
        }
        for (var entry : assignment.entrySet()) {
            var partitions = Set.copyOf(entry.getValue().partitions());
            hasRevoked |= !partitions.containsAll(owned.put(entry.getKey(), partitions));
        }
        return hasRevoked;
    }

    private static Cluster cluster() {
        return new Cluster("c", List.of(), IntStream.range(0, PARTITIONS)
                .mapToObj(n -> new PartitionInfo(TOPIC, n, null, null, null)).toList(), Set.of(), Set.of());
    }
}
