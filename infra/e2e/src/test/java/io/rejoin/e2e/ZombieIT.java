package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Topics;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.GroupState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A router is frozen for so long that the other router takes over its shards. Then it continues with its pending work:
 * it may only repeat correct results.
 */
class ZombieIT {
    private static final int PARTITIONS = 6;

    private final Cluster cluster = Cluster.shared();
    private final List<Poster> posters = new ArrayList<>();
    private final List<Follower> followers = new ArrayList<>();

    @BeforeEach
    void clientsChatInARoomOfEachShard() {
        for (var partition = 0; partition < PARTITIONS; partition++) {
            var room = roomIn(partition);
            followers.add(new Follower(room, edges("follower-" + partition)));
            posters.add(new Poster("zp" + partition, room, edges("zp" + partition)));
        }
    }

    @AfterEach
    void allIsWellAgain() throws InterruptedException {
        for (var poster : posters) poster.stop();
        for (var follower : followers) follower.stop();
        cluster.awaitReady();
    }

    @Test
    void whatAZombieSaysHasBeenSaidAlready() throws Exception {
        awaitMoreInEveryRoom(5);
        for (var victim : List.of(cluster.routers().get(0), cluster.routers().get(1))) {
            awaitBothOwnShards();
            victim.freeze();
            try {
                awaitMoreInEveryRoom(10); // so the other router has taken over its shards
            } finally {
                victim.thaw();
            }
            awaitMoreInEveryRoom(10);
        }
        for (var poster : posters) poster.finish();

        for (var p = 0; p < PARTITIONS; p++) {
            assertThat(posters.get(p).violations()).isEmpty();
            var follower = followers.get(p);
            var acknowledged = posters.get(p).acknowledged().entrySet().stream()
                    .map(ack -> ack.getValue() + ":" + ack.getKey()).toList();
            await().atMost(Cluster.PATIENCE).until(() -> follower.messages().size() >= acknowledged.size());
            assertThat(follower.violations()).isEmpty();
            Truth.assertOneOrder(follower.messages());
            assertThat(follower.messages()).containsExactlyInAnyOrderElementsOf(acknowledged);
        }
        assertThat(EventConsistency.read(cluster.kafka().bootstrapServers()).divergent()).isEmpty();
    }

    private void awaitMoreInEveryRoom(int more) {
        var before = posters.stream().map(poster -> poster.acknowledged().size()).toList();
        await().atMost(Cluster.PATIENCE).until(() -> IntStream.range(0, PARTITIONS)
                .allMatch(p -> posters.get(p).acknowledged().size() >= before.get(p) + more));
    }

    private void awaitBothOwnShards() {
        try (var admin = Admin.create(Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                cluster.kafka().bootstrapServers()))) {
            await().atMost(Cluster.PATIENCE).until(() -> bothOwnShards(admin));
        }
    }

    private static boolean bothOwnShards(Admin admin) throws ExecutionException, InterruptedException {
        var group = admin.describeConsumerGroups(List.of("rejoin-router")).describedGroups().get("rejoin-router");
        return group != null && group.get().groupState() == GroupState.STABLE && group.get().members().size() == 2
                && group.get().members().stream().noneMatch(member -> member.assignment().topicPartitions().isEmpty());
    }

    private static String roomIn(int partition) {
        return IntStream.range(0, 1_000).mapToObj(n -> "zombie-" + n)
                .filter(name -> Topics.partition(new RoomId(RoomId.DEFAULT_TENANT, name), PARTITIONS) == partition)
                .findFirst().orElseThrow();
    }

    private List<URI> edges(String name) {
        var first = name.hashCode() & 1;
        return List.of(cluster.edgeUri(first, "/ws?name=" + name), cluster.edgeUri(1 - first, "/ws?name=" + name));
    }
}
