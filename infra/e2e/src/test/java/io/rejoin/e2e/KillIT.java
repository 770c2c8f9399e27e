package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Kills services under traffic: no acknowledged message is lost, and none arrives twice. */
class KillIT {
    private final Cluster cluster = Cluster.shared();

    @AfterEach
    void allIsWellAgain() {
        cluster.awaitReady();
    }

    @Test
    void whoeverRunsAndIsStoppedEndsWith0() {
        for (var service : List.of(cluster.edges().get(1), cluster.routers().get(1), cluster.history())) {
            service.terminate();
            assertThat(service.exitStatus()).as(() -> service.name() + "\n" + service.tail()).isZero();
            service.restart();
        }
    }

    @Test
    void aRouterDies() throws Exception {
        killUnderTraffic("kill-router", cluster.routers().get(0));
    }

    @Test
    void theOtherRouterDies() throws Exception {
        killUnderTraffic("kill-other-router", cluster.routers().get(1));
    }

    @Test
    void anEdgeDies() throws Exception {
        killUnderTraffic("kill-edge", cluster.edges().get(0));
    }

    @Test
    void historyDies() throws Exception {
        killUnderTraffic("kill-history", cluster.history());
    }

    @Test
    void theMembersOfADeadEdgeAreGoneSoon() {
        var room = "ghosts";
        try (var watcher = Client.connect(cluster.edgeUri(1, "/ws/ghosts?name=watcher"));
                var ghost = Client.connect(cluster.edgeUri(0, "/ws/ghosts?name=ghost"))) {
            watcher.await("join_ack");
            ghost.await("join_ack");

            cluster.edges().get(0).kill();
            var killed = System.nanoTime();
            watcher.await(frame -> frame.path("action").asText().equals("leave")
                    && frame.path("user").asText().equals("ghost"));

            var shown = Duration.ofNanos(System.nanoTime() - killed);
            assertThat(shown).as("10 s, and some for a busy machine").isLessThan(Duration.ofSeconds(20));
            watcher.send("{\"event\":\"presence\",\"room\":\"" + room + "\"}");
            assertThat(watcher.await("presence_state").path("count").asInt()).isEqualTo(1);
        } finally {
            cluster.edges().get(0).restart();
        }
    }

    private void killUnderTraffic(String room, ServiceProcess victim) throws Exception {
        var posters = new ArrayList<Poster>();
        var follower = new Follower(room, edges("follower"));
        try {
            for (var p = 0; p < 4; p++) posters.add(new Poster("p" + p, room, edges("p" + p)));
            for (var round = 0; round < 2; round++) {
                awaitMore(posters, 100);
                victim.kill();
                awaitMore(posters, victim == cluster.history() || cluster.edges().contains(victim) ? 100 : 1);
                victim.restart();
            }
            awaitMore(posters, 100);
            for (var poster : posters) poster.finish();
            check(room, posters, follower);
        } finally {
            for (var poster : posters) poster.stop();
            follower.stop();
        }
    }

    private void check(String room, List<Poster> posters, Follower follower) {
        cluster.awaitReady();
        var acknowledged = new HashMap<String, Long>();
        for (var poster : posters) {
            assertThat(poster.violations()).isEmpty();
            acknowledged.putAll(poster.acknowledged());
        }
        await().atMost(Cluster.PATIENCE).until(() -> follower.messages().size() >= acknowledged.size());
        assertThat(follower.violations()).isEmpty();
        Truth.assertOneOrder(follower.messages());
        assertThat(follower.messages()).containsExactlyInAnyOrderElementsOf(
                acknowledged.entrySet().stream().map(ack -> ack.getValue() + ":" + ack.getKey()).toList());
        assertThat(Truth.inHistory(cluster, room, acknowledged.size())).isEqualTo(follower.messages());
    }

    /** Waits until all posters together have that many more acks, so that each phase really has traffic. */
    private static void awaitMore(List<Poster> posters, int more) {
        var before = total(posters);
        await().atMost(Cluster.PATIENCE).until(() -> total(posters) >= before + more);
    }

    private static int total(List<Poster> posters) {
        return posters.stream().mapToInt(poster -> poster.acknowledged().size()).sum();
    }

    private List<URI> edges(String name) {
        var first = name.hashCode() & 1;
        return List.of(cluster.edgeUri(first, "/ws?name=" + name), cluster.edgeUri(1 - first, "/ws?name=" + name));
    }
}
