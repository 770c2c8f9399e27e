package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two history services share the partitions, behind one address that the edge uses. Each answers for all rooms. One may
 * die in the middle of a catch-up.
 */
class ManyHistoriesIT {
    private static final int MISSED = 1_000;
    private static final int LATER = 20;
    /** More rooms than partitions, so that each service reads some of them. */
    private static final int ROOMS = 8;

    private final Cluster cluster = Cluster.shared();
    private final int otherPort = Cluster.freePort();
    private final int edgePort = Cluster.freePort();
    private final ServiceProcess other = cluster.history("history-other", otherPort);
    private final Balancer balancer = new Balancer(List.of(cluster.historyUri().getPort(), otherPort));
    private final ServiceProcess edge = cluster.edge("edge-balanced", edgePort,
            Map.of("EDGE_HISTORY_URL", "http://127.0.0.1:" + balancer.port()));

    @BeforeEach
    void bothRead() {
        for (var port : List.of(cluster.historyUri().getPort(), otherPort))
            await().atMost(Cluster.PATIENCE).ignoreExceptions()
                    .until(() -> cluster.ask(port, "/metrics").body()
                            .contains("rejoin_history_partitions{service=\"history\",state=\"reading\"} 3"));
        await().atMost(Cluster.PATIENCE).ignoreExceptions()
                .until(() -> cluster.ask(edgePort, "/health").body().contains("\"status\":\"ok\""));
    }

    @AfterEach
    void oneAgain() {
        edge.close();
        other.close();
        balancer.close();
        if (!cluster.history().isAlive()) cluster.history().restart();
        cluster.awaitReady();
    }

    private URI balanced(String name) {
        return URI.create("ws://127.0.0.1:" + edgePort + "/ws?direct=off&name=" + name);
    }

    private static String join(String room, String more) {
        return "{\"event\":\"join\",\"room\":\"" + room + "\"" + more + "}";
    }

    /** Posts messages to each room, and returns when all are acknowledged. */
    private void post(String rooms, int from, int to) {
        var posters = new ArrayList<Client>(); // one for each room, because a single connection is rate-limited
        try {
            for (var room = 0; room < ROOMS; room++) {
                var poster = Client.connect(cluster.edgeUri(0, "/ws?direct=off&name=poster"));
                posters.add(poster);
                poster.send(join(rooms + room, ""));
                poster.await("join_ack");
            }
            for (var n = from; n <= to; n++)
                for (var room = 0; room < ROOMS; room++) posters.get(room).post(rooms + room, "id-" + n, "text " + n);
            for (var poster : posters)
                await().atMost(Cluster.PATIENCE).until(() -> poster.frames("ack").size() == to - from + 1);
        } finally {
            posters.forEach(Client::close);
        }
    }

    private static List<String> messages(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(n -> n + ":id-" + n).toList();
    }

    @Test
    void whoCatchesUpWhileOneIsKilledGetsAllOfIt() {
        post("catch-up-", 1, MISSED);
        catchUp(MISSED, cluster.history());
        cluster.history().restart();
        bothRead();
        catchUp(MISSED + LATER, other);
        assertThat(balancer.reached()).containsExactlyInAnyOrder(cluster.historyUri().getPort(), otherPort);
    }

    private void catchUp(int missed, ServiceProcess victim) {
        var rooms = "catch-up-";
        var all = missed + LATER;
        var readers = new ArrayList<Client>();
        try {
            for (var room = 0; room < ROOMS; room++) {
                var reader = Client.connect(balanced("reader-" + room));
                readers.add(reader);
                reader.send(join(rooms + room, ",\"after\":0"));
            }
            readers.getFirst().await("message");
            victim.kill();
            post(rooms, missed + 1, all); // nobody reads half of the rooms until the partitions have moved
            for (var room = 0; room < ROOMS; room++) {
                var reader = readers.get(room);
                var name = rooms + room;
                await().atMost(Cluster.PATIENCE).until(() -> reader.messages(name).size() >= all);
                assertThat(reader.messages(name)).isEqualTo(messages(1, all));
                assertThat(reader.await("resync").path("outcome").asText()).isEqualTo("full");
            }
        } finally {
            readers.forEach(Client::close);
        }
        assertNewcomersGetAll(rooms, all);
    }

    /** Checks that a later client gets all messages from the remaining service. */
    private void assertNewcomersGetAll(String rooms, int all) {
        try (var late = Client.connect(balanced("late"))) {
            for (var room = 0; room < ROOMS; room++) late.send(join(rooms + room, ",\"after\":990"));
            for (var room = 0; room < ROOMS; room++) {
                var name = rooms + room;
                await().atMost(Cluster.PATIENCE).until(() -> late.messages(name).size() >= all - 990);
                assertThat(late.messages(name)).isEqualTo(messages(991, all));
            }
        }
    }

    /** A request that waits for a seq works at any service, whether or not that service reads the room. */
    @Test
    void whoeverIsAskedWaitsForAnyRoom() {
        post("wait-", 1, 2);
        var answers = new ArrayList<CompletableFuture<String>>();
        for (var port : List.of(cluster.historyUri().getPort(), otherPort)) {
            for (var room = 0; room < ROOMS; room++) {
                var path = "/v1/messages?room=default%2Fwait-" + room + "&after=2&to=3&wait_ms=30000";
                answers.add(CompletableFuture.supplyAsync(() -> cluster.ask(port, path).body(),
                        task -> Thread.ofVirtual().start(task)));
            }
        }
        for (var port : List.of(cluster.historyUri().getPort(), otherPort))
            await().atMost(Cluster.PATIENCE).until(() -> cluster.ask(port, "/metrics").body()
                    .contains("rejoin_history_waiting_requests{service=\"history\"} " + ROOMS));
        assertThat(answers).noneMatch(CompletableFuture::isDone);

        post("wait-", 3, 3);

        await().atMost(Cluster.PATIENCE).until(() -> answers.stream().allMatch(CompletableFuture::isDone));
        assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).contains("\"id\":\"id-3\""));
    }
}
