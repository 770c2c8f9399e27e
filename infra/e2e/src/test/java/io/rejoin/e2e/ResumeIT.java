package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Checks that a client gets exactly the messages that it missed after a disconnect. */
class ResumeIT {
    private static final int MISSED = 1_000;

    private final Cluster cluster = Cluster.shared();

    @Test
    void aDroppedClientResumesThroughTheOtherEdgeAndAgainAfterAllServicesRestarted() {
        var room = "resume";
        long seen;
        try (var lost = Client.connect(cluster.edgeUri(0, "/ws/resume?name=lost"))) {
            lost.await("join_ack");
            lost.post(room, "first", "hello");
            seen = lost.await("message").path("seq").asLong();
            lost.drop();
        }
        postAll(room, "missed", MISSED);

        var expected = IntStream.range(0, MISSED).mapToObj(i -> (i + 2) + ":missed-" + i).toList();
        resumeAndGoOn(room, 1, seen, expected, "live-1");
        cluster.restartServices();
        var withLive = new java.util.ArrayList<>(expected);
        withLive.add((MISSED + 2) + ":live-1");
        resumeAndGoOn(room, 0, seen, withLive, "live-2");
    }

    @Test
    void aNewcomerMayAskForTheLastMessagesOnly() {
        postAll("last", "m", 60);
        try (var client = Client.connect(cluster.edgeUri(1, "/ws?name=new"))) {
            client.send("{\"event\":\"join\",\"room\":\"last\",\"after\":{\"last\":50}}");

            var resync = client.await("resync");

            assertThat(resync.path("from").asLong()).isEqualTo(11);
            assertThat(resync.path("to").asLong()).isEqualTo(60);
            assertThat(resync.path("outcome").asText()).isEqualTo("full");
            assertThat(client.messages("last")).hasSize(50).startsWith("11:m-10").endsWith("60:m-59");
        }
    }

    @Test
    void aPositionTheRoomNeverReachedIsSaidToBeUnrecoverable() {
        postAll("beyond", "m", 3);
        try (var client = Client.connect(cluster.edgeUri(0, "/ws?name=odd"))) {
            client.send("{\"event\":\"join\",\"room\":\"beyond\",\"after\":99}");

            assertThat(client.await("resync").path("outcome").asText()).isEqualTo("unrecoverable");
            client.post("beyond", "next", "x");
            assertThat(client.await("message").path("seq").asLong()).isEqualTo(4);
        }
    }

    @Test
    void whoComesBackAfterMessagesAreDeletedIsToldFromWhereOnItHasAll() {
        postAll("brief-resume", "m", 30);
        await().atMost(Cluster.PATIENCE).until(() -> cluster
                .askHistory("/v1/messages?room=default%2Fbrief-resume").body().contains("\"head\":30,\"messages\":[]"));
        try (var client = Client.connect(cluster.edgeUri(0, "/ws?name=late"))) {
            client.send("{\"event\":\"join\",\"room\":\"brief-resume\",\"after\":10}");

            var resync = client.await("resync");
            assertThat(resync.path("outcome").asText()).isEqualTo("partial");
            assertThat(resync.path("from").asLong()).isEqualTo(31);
            client.post("brief-resume", "next", "x");
            assertThat(client.await("message").path("seq").asLong()).isEqualTo(31);
        }
    }

    private void resumeAndGoOn(String room, int edge, long after, List<String> missed, String liveId) {
        try (var back = Client.connect(cluster.edgeUri(edge, "/ws?name=lost"))) {
            back.send("{\"event\":\"join\",\"room\":\"" + room + "\",\"after\":" + after + "}");
            var resync = back.await("resync");
            assertThat(resync.path("outcome").asText()).isEqualTo("full");
            assertThat(back.messages(room)).isEqualTo(missed);

            back.post(room, liveId, "and on");
            back.await(frame -> isMessage(frame, liveId));
            assertThat(back.messages(room)).hasSize(missed.size() + 1).doesNotHaveDuplicates();
        }
    }

    private static boolean isMessage(JsonNode frame, String id) {
        return Client.isEvent("message").test(frame) && frame.path("id").asText().equals(id);
    }

    private void postAll(String room, String prefix, int count) {
        try (var poster = Client.connect(cluster.edgeUri(0, "/ws/" + room + "?name=poster"))) {
            poster.await("join_ack");
            for (var i = 0; i < count; i++) poster.post(room, prefix + "-" + i, "text " + i);
            await().atMost(Cluster.PATIENCE).until(() -> poster.frames("ack").size() == count);
        }
    }
}
