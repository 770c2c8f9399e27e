package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An operator drains an edge with {@code infra/rejoinctl drain}, while clients post. */
class DrainIT {
    private static final String ROOM = "drained";
    private final Cluster cluster = Cluster.shared();
    private final Rejoinctl rejoinctl = new Rejoinctl(
            Map.of("KAFKA_BOOTSTRAP_SERVERS", cluster.kafka().bootstrapServers()));

    @AfterEach
    void serveAgain() {
        if (!cluster.askEdge(0, "/health").body().contains("\"status\":\"ok\""))
            rejoinctl.run("drain", "edge-0", "--undo");
    }

    @Test
    void clientsOfADrainedEdgeGoOnElsewhereAndItServesAgainWhenThatIsTakenBack() {
        try (var poster = Client.connect(cluster.edgeUri(1, "/ws/" + ROOM + "?name=poster"));
                var member = Client.connect(cluster.edgeUri(0, "/ws/" + ROOM + "?name=member"))) {
            member.await("join_ack");
            post(poster, 1, 20);
            var drained = drain();
            assertThat(drained.code()).as(drained::all).isZero();
            assertThat(drained.out()).contains("\"status\":\"drained\",\"connections\":0");
            post(poster, 21, 40);

            assertThat(member.await("reconnect").path("after_ms").isNumber()).isTrue();
            await().atMost(Cluster.PATIENCE).until(() -> member.closeCode() != null);
            assertThat(member.closeCode()).isEqualTo(1012);
            resumes(member.messages(ROOM));
        }
        nobodyIsLetIn();
        var undone = rejoinctl.run("drain", "edge-0", "--undo");
        assertThat(undone.code()).as(undone::all).isZero();
        try (var newcomer = Client.connect(cluster.edgeUri(0, "/ws/" + ROOM + "?name=newcomer"))) {
            newcomer.await("join_ack");
        }
        assertThat(cluster.edges().getFirst().isAlive()).isTrue();
    }

    /**
     * Retries on exit code 2. An edge of the same name that an earlier test stopped may still count as alive, and then
     * the name is ambiguous.
     */
    private Rejoinctl.Run drain() {
        return await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofSeconds(1)).until(
                () -> rejoinctl.run("drain", "edge-0", "--timeout", "PT1M", "--json"), run -> run.code() != 2);
    }

    private static void post(Client poster, int from, int to) {
        for (var n = from; n <= to; n++) poster.post(ROOM, "m" + n, "text");
        var last = "m" + to;
        poster.await(frame -> Client.isEvent("ack").test(frame) && frame.path("id").asText().equals(last));
    }

    /** At the other edge the member gets exactly the messages that it missed. */
    private void resumes(List<String> before) {
        try (var back = Client.connect(cluster.edgeUri(1, "/ws?name=member"))) {
            back.send("{\"event\":\"join\",\"room\":\"" + ROOM + "\",\"after\":" + before.size() + "}");
            assertThat(back.await("resync").path("outcome").asText()).isEqualTo("full");
            var all = new ArrayList<>(before);
            all.addAll(back.messages(ROOM));
            assertThat(all)
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, 40).mapToObj(n -> n + ":m" + n).toList());
        }
    }

    private void nobodyIsLetIn() {
        assertThat(cluster.askEdge(0, "/ws?name=newcomer")).satisfies(answer -> {
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("\"code\":\"draining\"");
        });
        assertThatThrownBy(() -> Client.connect(cluster.edgeUri(0, "/ws?name=newcomer")))
                .isInstanceOf(CompletionException.class);
        assertThat(cluster.askEdge(0, "/health").body()).contains("\"status\":\"drained\"", "--undo");
        assertThat(cluster.askEdge(0, "/health/ready").statusCode()).isEqualTo(503);
        assertThat(cluster.askEdge(0, "/health/live").statusCode()).isEqualTo(200);
        assertThat(cluster.ask(cluster.metricsPorts().getOrDefault("edge", List.of()).getFirst(), "/metrics").body())
                .containsPattern("(?m)^rejoin_edge_drained\\{.*} 1");
    }
}
