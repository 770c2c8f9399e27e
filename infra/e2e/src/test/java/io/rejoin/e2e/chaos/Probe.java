package io.rejoin.e2e.chaos;

import io.rejoin.contracts.TopicNames;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;

/** Checks the health of the parts, without the proxies. Safe for any thread. */
final class Probe implements AutoCloseable {
    /** The routers' consumer group. */
    static final String ROUTERS = "rejoin-router";
    /** History's consumer group. */
    static final String HISTORY = "rejoin-history";

    private static final Map<String, String> TOPICS = Map.of(ROUTERS, TopicNames.PLAIN.commands(), HISTORY,
            TopicNames.PLAIN.events());
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Site site;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();
    private final Admin admin;

    Probe(Site site) {
        this.site = site;
        this.admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, site.bootstrapServers(),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 3_000, AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                2_000, AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500));
    }

    /** Waits until the part is healthy; false if that takes longer than the bound. */
    boolean awaitHealthy(Part part, Duration bound) throws InterruptedException {
        return await(() -> isHealthy(part), bound);
    }

    /** Waits until all services are healthy and the routers have no lag; false if that takes longer than the bound. */
    boolean awaitWell(Duration bound) throws InterruptedException {
        return await(this::isWell, bound);
    }

    /** Like {@link #awaitWell}, and waits also until history has no lag. */
    boolean awaitQuiet(Duration bound) throws InterruptedException {
        return await(() -> isWell() && lag(HISTORY).orElse(1) == 0, bound);
    }

    private boolean isWell() {
        return Part.SERVICES.stream().allMatch(this::isHealthy) && lag(ROUTERS).orElse(1) == 0;
    }

    /** Describes which services are unhealthy, and the lags. */
    String describe() {
        var unwell = Part.SERVICES.stream().filter(part -> !isHealthy(part)).map(Part::label).toList();
        return "unhealthy services: " + unwell + ", lag of routers: " + lag(ROUTERS) + ", of history: " + lag(HISTORY);
    }

    boolean isHealthy(Part part) {
        return site.isAlive(part) && switch (part) {
            case EDGE_0 -> isOk(site.network().edgePort(0));
            case EDGE_1 -> isOk(site.network().edgePort(1));
            case HISTORY -> isOk(site.network().historyPort());
            case ROUTER_0, ROUTER_1 -> routersAreStable(2);
            case KAFKA, POSTGRES -> true;
        };
    }

    /** The number of records that a group has not committed; empty while Kafka does not answer. */
    OptionalLong lag(String group) {
        try {
            var committed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
            var ends = ends(TOPICS.getOrDefault(group, ""));
            var lag = 0L;
            for (var end : ends.entrySet()) {
                var offset = committed.get(end.getKey());
                lag += end.getValue().offset() - (offset == null ? 0 : offset.offset());
            }
            return OptionalLong.of(lag);
        } catch (ExecutionException _) {
            return OptionalLong.empty();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
    }

    private Map<TopicPartition, ListOffsetsResultInfo> ends(String topic)
            throws ExecutionException, InterruptedException {
        var description = admin.describeTopics(List.of(topic)).topicNameValues().get(topic);
        var asked = new HashMap<TopicPartition, OffsetSpec>();
        if (description == null) throw new IllegalArgumentException(topic);
        for (var partition : description.get().partitions())
            asked.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest());
        return admin.listOffsets(asked).all().get();
    }

    /** Waits until at least so many routers share the shards; false if that takes longer than the bound. */
    boolean awaitRouters(int atLeast, Duration bound) throws InterruptedException {
        return await(() -> routersAreStable(atLeast), bound);
    }

    /** Whether at least so many routers are in the group, and no rebalance is in progress. */
    private boolean routersAreStable(int atLeast) {
        try {
            var group = admin.describeConsumerGroups(List.of(ROUTERS)).all().get().get(ROUTERS);
            return group != null && group.groupState() == GroupState.STABLE && group.members().size() >= atLeast;
        } catch (ExecutionException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean isOk(int port) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health")).timeout(ANSWER)
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean await(BooleanSupplier condition, Duration bound) throws InterruptedException {
        var deadline = System.nanoTime() + bound.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) return false;
            Thread.sleep(LOOK);
        }
        return true;
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
        http.shutdownNow();
    }
}
