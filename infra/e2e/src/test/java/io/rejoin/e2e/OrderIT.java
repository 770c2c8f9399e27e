package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** Checks that all members and history see one order of messages. */
class OrderIT {
    private static final int EACH = 100;
    private static final int POSTERS = 4;

    private final Cluster cluster = Cluster.shared();

    @Test
    void membersOfTwoEdgesAndHistoryAgreeWhileFourClientsPostAtOnce() throws Exception {
        var room = "order";
        try (var here = Client.connect(cluster.edgeUri(0, "/ws/order?name=here"));
                var there = Client.connect(cluster.edgeUri(1, "/ws/order?name=there"))) {
            here.await("join_ack");
            there.await("join_ack");

            var posters = new ArrayList<Thread>();
            for (var p = 0; p < POSTERS; p++) {
                var name = "poster-" + p;
                var edge = cluster.edgeUri(p % 2, "/ws/order?name=" + name);
                posters.add(Thread.ofVirtual().start(() -> postAll(edge, room, name)));
            }
            for (var poster : posters) poster.join();

            await().atMost(Cluster.PATIENCE).untilAsserted(() -> {
                assertThat(here.messages(room)).hasSize(POSTERS * EACH);
                assertThat(there.messages(room)).hasSize(POSTERS * EACH);
            });
            Truth.assertOneOrder(here.messages(room));
            assertThat(there.messages(room)).isEqualTo(here.messages(room));
            assertThat(Truth.inHistory(cluster, room, POSTERS * EACH)).isEqualTo(here.messages(room));
        }
    }

    @Test
    void theSameIdTwiceIsOneMessageAndTwoAcksAlsoThroughAnotherEdge() {
        var room = "duplicates";
        try (var first = Client.connect(cluster.edgeUri(0, "/ws/duplicates?name=ann"));
                var second = Client.connect(cluster.edgeUri(1, "/ws/duplicates?name=ann"));
                var other = Client.connect(cluster.edgeUri(1, "/ws/duplicates?name=bob"))) {
            first.await("join_ack");
            second.await("join_ack");
            other.await("join_ack");
            first.post(room, "x", "once");
            var ack = first.await("ack");
            first.post(room, "x", "once");
            second.post(room, "x", "once");

            var again = first.await(frame -> Client.isEvent("ack").test(frame) && frame.path("duplicate").asBoolean());
            var elsewhere = second.await("ack");
            assertThat(again.path("seq")).isEqualTo(ack.path("seq"));
            assertThat(elsewhere.path("seq")).isEqualTo(ack.path("seq"));
            assertThat(elsewhere.path("duplicate").asBoolean()).isTrue();
            assertThat(ack.has("duplicate")).isFalse();

            // another user's post with the same id is another message. Its arrival also shows that nothing else came
            // before it.
            other.post(room, "x", "another");
            other.await("ack");
            await().atMost(Cluster.PATIENCE).until(() -> first.messages(room).size() == 2);
            assertThat(first.messages(room)).containsExactly("1:x", "2:x");
        }
    }

    private static void postAll(java.net.URI edge, String room, String name) {
        try (var client = Client.connect(edge)) {
            client.await("join_ack");
            for (var i = 0; i < EACH; i++) client.post(room, name + "-" + i, "text");
            await().atMost(Cluster.PATIENCE).until(() -> client.frames("ack").size() == EACH);
        }
    }
}
