package io.rejoin.router.liveness;

import io.rejoin.contracts.env.StartupResources;
import io.rejoin.router.kafka.KafkaClients;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes silent routers from the consumer group, so that their shards are taken over before the group's session
 * timeout. All routers do this for each other. A removed router that is still alive is notified by Kafka, gives its
 * shards up and joins again.
 */
public final class RouterWatch implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(RouterWatch.class);
    /** The shortest time between two checks; the retry interval while a router is silent. */
    private static final Duration MIN_CHECK_INTERVAL = Duration.ofMillis(100);
    /**
     * How often the group's members are listed although no router is silent. The first listing finds a router that died
     * before this one started. Later listings only find a router that joined and died without a beat; the group's
     * session timeout would remove that one too.
     */
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(30);
    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);

    private final Admin admin;
    private final String groupId;
    private final Peers peers;
    private final String ownId;
    private final Runnable onRemoved;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /**
     * Connects to Kafka.
     *
     * @param ownId     of this router in the group; never removed
     * @param onRemoved called after this router has removed another one from the group
     */
    public RouterWatch(KafkaClients clients, Peers peers, String ownId, Runnable onRemoved,
            StartupResources resources) {
        this.admin = resources.add(clients.groupAdmin());
        this.groupId = clients.groupId();
        this.peers = peers;
        this.ownId = ownId;
        this.onRemoved = onRemoved;
    }

    @Override
    public void run() {
        try (admin) {
            while (!stopped.await(MIN_CHECK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS))
                peers.awaitSilent(removeSilentMembers() ? CHECK_INTERVAL : RETRY_INTERVAL);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        stopped.countDown();
        peers.close();
    }

    /** Lists the group's members and removes the silent ones. Returns false if Kafka refused or did not answer. */
    private boolean removeSilentMembers() throws InterruptedException {
        try {
            var members = members();
            members.forEach(peers::onMember);
            var silentRouters = peers.silentRouters();
            // they left on their own
            silentRouters.stream().filter(Predicate.not(members::contains)).forEach(peers::onLeft);
            var deadRouters = silentRouters.stream().filter(members::contains).toList();
            if (!deadRouters.isEmpty()) {
                removeFromGroup(deadRouters);
                onRemoved.run();
            }
            return true;
        } catch (ExecutionException e) { // Kafka is away, or another router removed the member first
            log.atDebug().setCause(e).log("cannot read or change the consumer group; the router retries soon");
            return false;
        }
    }

    private Set<String> members() throws ExecutionException, InterruptedException {
        var groups = admin.describeConsumerGroups(List.of(groupId)).describedGroups();
        var described = Objects.requireNonNull(groups.get(groupId)).get();
        return described.members().stream().flatMap(member -> member.groupInstanceId().stream())
                .filter(id -> !id.equals(ownId)).collect(Collectors.toSet());
    }

    private void removeFromGroup(List<String> deadRouters) throws ExecutionException, InterruptedException {
        var options = new RemoveMembersFromConsumerGroupOptions(deadRouters.stream().map(MemberToRemove::new).toList());
        options.reason("no heartbeat in rejoin.edges");
        admin.removeMembersFromConsumerGroup(groupId, options).all().get();
        deadRouters.forEach(peers::onLeft);
        log.atWarn().addKeyValue("routers", deadRouters)
                .log("silent routers removed from the group: other routers take over their shards");
    }
}
