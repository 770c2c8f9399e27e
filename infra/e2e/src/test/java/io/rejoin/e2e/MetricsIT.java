package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.metrics.Scraped;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Checks that an edge's metrics agree with what its clients count. */
class MetricsIT {
    private static final int CLIENTS = 20;
    private static final int EACH = 100;
    private static final int ROOMS = 4;
    private static final int LOST = 5;

    private final Cluster cluster = Cluster.shared();

    @Test
    void anEdgeUnderLoadCountsWhatItsClientsCount() throws Exception {
        var port = Cluster.freePort();
        var metricsPort = Cluster.freePort();
        try (var _ = cluster.edge("edge-counted", port, Map.of("EDGE_METRICS_PORT", "" + metricsPort, "EDGE_HEARTBEAT",
                "PT5M"))) { // a long heartbeat, so that there are no pings: clients do not count them
            await().atMost(Cluster.PATIENCE).ignoreExceptions()
                    .until(() -> cluster.ask(port, "/health/ready").statusCode() == 200);
            var clients = new ArrayList<Client>();
            try {
                for (var n = 0; n < CLIENTS; n++) clients.add(connect(port, n));
                postAtOnce(clients);

                await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofMillis(200))
                        .untilAsserted(() -> assertAgree(Scraped.from(metricsPort), clients));
                clients.subList(0, LOST).forEach(Client::drop);
                await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> {
                    var now = Scraped.from(metricsPort);
                    assertThat(now.sum("rejoin_edge_connections")).isEqualTo(CLIENTS - LOST);
                    assertThat(now.sum("rejoin_edge_closes_total")).isEqualTo(LOST);
                });
            } finally {
                clients.forEach(Client::close);
            }
        }
    }

    private static Client connect(int port, int number) {
        var client = Client.connect(URI.create("ws://127.0.0.1:" + port + "/ws/" + room(number) + "?name=c" + number));
        client.await("join_ack");
        return client;
    }

    private static String room(int client) {
        return "counted-" + client % ROOMS;
    }

    private static void postAtOnce(List<Client> clients) throws InterruptedException {
        var posters = new ArrayList<Thread>();
        for (var n = 0; n < CLIENTS; n++) {
            var number = n;
            posters.add(Thread.ofVirtual().start(() -> postAll(clients.get(number), number)));
        }
        for (var poster : posters) poster.join();
    }

    /** Posts {@link #EACH} times and waits for the acks. The first two posts have the same id. */
    private static void postAll(Client client, int number) {
        for (var i = 0; i < EACH; i++) client.post(room(number), "m" + Math.max(1, i), "text");
        await().atMost(Cluster.PATIENCE).until(() -> client.frames("ack").size() == EACH);
    }

    private static void assertAgree(Scraped edge, List<Client> clients) {
        edge.check("edge");
        assertThat(edge.sum("rejoin_edge_connections")).isEqualTo(CLIENTS);
        assertThat(edge.sum("rejoin_edge_handshakes_total", "outcome=\"opened\"")).isEqualTo(CLIENTS);
        assertThat(edge.sum("rejoin_edge_posts_total")).isEqualTo(CLIENTS * EACH);
        assertThat(edge.sum("rejoin_edge_acks_total", "duplicate=\"no\"")).isEqualTo(acks(clients, false));
        assertThat(edge.sum("rejoin_edge_acks_total", "duplicate=\"yes\"")).isEqualTo(acks(clients, true))
                .isEqualTo(CLIENTS);
        assertThat(edge.sum("rejoin_edge_ack_latency_seconds_count")).isEqualTo(CLIENTS * EACH);
        assertThat(edge.sum("rejoin_edge_errors_total")).isZero();
        assertThat(edge.sum("rejoin_edge_late_answers_total")).isZero();
        assertThat(edge.sum("rejoin_edge_frames_total", "direction=\"in\"")).isEqualTo(CLIENTS * EACH);
        assertThat(edge.sum("rejoin_edge_frames_total", "direction=\"out\""))
                .isEqualTo(clients.stream().mapToInt(client -> client.frames().size()).sum());
        assertThat(edge.sum("rejoin_edge_outbox_bytes")).isZero();
    }

    private static double acks(List<Client> clients, boolean duplicate) {
        return clients.stream().flatMap(client -> client.frames("ack").stream())
                .filter(ack -> ack.path("duplicate").asBoolean() == duplicate).count();
    }
}
