package io.rejoin.servers;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.common.KafkaFuture;

/** A broker that is lent to one test at a time. All topics and groups are deleted before and after each use. */
final class EmptyBroker implements Broker {
    private static final Duration BOUND = Duration.ofSeconds(60);

    private final Broker broker;
    private final AtomicBoolean lent;
    private volatile boolean killed;

    /** @param lent whether the broker is in use */
    EmptyBroker(Broker broker, AtomicBoolean lent) {
        if (!lent.compareAndSet(false, true))
            throw new IllegalStateException("the empty broker is in use: close it before you request it again");
        this.broker = broker;
        this.lent = lent;
        empty();
    }

    @Override
    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    @Override
    public void kill() {
        killed = true;
        broker.kill();
    }

    @Override
    public void restart() {
        broker.restart();
        killed = false;
    }

    @Override
    public void close() {
        try {
            if (killed) restart();
            empty();
        } finally {
            lent.set(false);
        }
    }

    private void empty() {
        try (var admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()))) {
            Await.success("delete all topics and groups of the broker", BOUND, () -> {
                var topics = of(admin.listTopics().names());
                if (!topics.isEmpty()) of(admin.deleteTopics(topics).all());
                for (var group : of(admin.listGroups().all())) delete(admin, group.groupId());
                return of(admin.listTopics().names()).isEmpty() && of(admin.listGroups().all()).isEmpty();
            });
        }
    }

    /** Deletes a group. Removes its members first, because the broker would otherwise wait for killed ones. */
    private static void delete(Admin admin, String group) throws Exception {
        try {
            of(admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions()).all());
        } catch (ExecutionException _) {
            // the group has no members, or is gone already
        }
        of(admin.deleteConsumerGroups(List.of(group)).all());
    }

    private static <T> T of(KafkaFuture<T> future) throws Exception {
        return future.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
    }
}
