package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Event;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Direct messages to all devices of a user, and messages that are redelivered until a recipient confirms them. */
class DirectMessagesIT {
    private final Cluster cluster = Cluster.shared();

    @AfterEach
    void allIsWellAgain() {
        cluster.awaitReady();
    }

    @Test
    void devicesShareACursorAndOnReturnEachGetsExactlyWhatIsBeyondIt() {
        try (var poster = Client.connect(edge(0, "poster"))) {
            try (var phone = Client.connect(edge(0, "dora"));
                    var laptop = Client.connect(edge(1, "dora"));
                    var tablet = Client.connect(edge(1, "dora"))) {
                sendAll(poster, "dora", "a", 10);
                for (var device : List.of(phone, laptop, tablet)) awaitMessages(device, "dora", 1, 10);
                acknowledge(phone, "dora", 7);

                for (var other : List.of(laptop, tablet)) {
                    assertThat(other.await("cursor").path("seq").asLong()).isEqualTo(7);
                }
                poster.await(frame -> isAbout(frame, "confirmed", 7));
                assertThat(phone.frames("cursor")).isEmpty();
            }
            sendAll(poster, "dora", "b", 50);
            for (var edge : List.of(0, 1, 1)) {
                try (var back = Client.connect(edge(edge, "dora"))) {
                    awaitMessages(back, "dora", 8, 60);
                    assertThat(back.frames("join_ack")).isEmpty();
                }
            }
        }
    }

    @Test
    void whatIsAcknowledgedOnOneDeviceIsNotSentToTheNext() {
        try (var poster = Client.connect(edge(0, "poster")); var first = Client.connect(edge(0, "emil"))) {
            sendAll(poster, "emil", "a", 5);
            awaitMessages(first, "emil", 1, 5);
            acknowledge(first, "emil", 5);
            poster.await(frame -> isAbout(frame, "confirmed", 5));
            try (var second = Client.connect(edge(1, "emil"))) {
                sendAll(poster, "emil", "b", 1);

                awaitMessages(second, "emil", 6, 6);
            }
        }
    }

    @Test
    void nobodyElseReadsThem() {
        try (var curious = Client.connect(edge(0, "curious"))) {
            curious.send("{\"event\":\"join\",\"room\":\"@dora\",\"after\":0}");

            assertThat(curious.await("error").path("code").asText()).isEqualTo("forbidden");
        }
    }

    @Test
    void whatIsNotConfirmedComesAgainWhicheverRouterDies() {
        try (var poster = Client.connect(edge(0, "poster")); var late = Client.connect(edge(1, "late"))) {
            for (var client : List.of(poster, late)) {
                client.send("{\"event\":\"join\",\"room\":\"confirm\"}");
                client.await("join_ack");
            }
            poster.send("{\"event\":\"message\",\"room\":\"confirm\",\"id\":\"c1\",\"text\":\"hi\",\"confirm\":true}");
            late.await("message");
            var _ = awaitCopies(late, 1);
            for (var router : cluster.routers()) { // one of the routers owns the room's shard
                var _ = without(router, () -> awaitCopies(late, copies(late) + 1));
            }
            assertThat(poster.frames("confirmed")).isEmpty();
            acknowledge(late, "confirm", 1);

            var confirmed = poster.await("confirmed");
            assertThat(confirmed.path("id").asText()).isEqualTo("c1");
            assertThat(confirmed.path("user").asText()).isEqualTo("late");
        }
    }

    @Test
    void whatIsNotConfirmedInTimeIsAFactAndADeadLetterAndStaysInTheRoom() {
        var port = Cluster.freePort();
        var patient = Map.of("EDGE_CONFIRM_WITHIN", "PT6S");
        var uri = URI.create("ws://127.0.0.1:" + port + "/ws?name=poster");
        try (var edge = cluster.edge("edge-impatient", port, patient); var poster = connect(uri, edge)) {
            send(poster, "nobody", "x1");
            poster.await("ack");
            var expired = without(cluster.routers().getFirst(), () -> poster.await("expired"));

            assertThat(expired.path("room").asText()).isEqualTo("@nobody");
            assertThat(expired.path("id").asText()).isEqualTo("x1");
            assertThat(expired.path("users").get(0).asText()).isEqualTo("nobody");
            awaitExpiry(TopicNames.PLAIN.events());
            awaitExpiry(TopicNames.PLAIN.deadLetters());
        }
        try (var nobody = Client.connect(edge(1, "nobody"))) {
            awaitMessages(nobody, "nobody", 1, 1);
        }
    }

    private static <T> T without(ServiceProcess router, Supplier<T> what) {
        router.kill();
        try {
            return what.get();
        } finally {
            router.restart();
        }
    }

    /**
     * Waits for the event that the message to nobody expired, in that topic. A router that took over may have repeated
     * it.
     */
    private void awaitExpiry(String topic) {
        var room = RoomId.personal(new UserId(UserId.DEFAULT_TENANT, "nobody"));
        await().atMost(Cluster.PATIENCE).untilAsserted(() -> {
            var expiries = Events.read(cluster.kafka().bootstrapServers(), topic).stream()
                    .filter(event -> event.room().equals(room)).filter(Event.ConfirmationExpired.class::isInstance)
                    .map(Event.ConfirmationExpired.class::cast).distinct().toList();
            assertThat(expiries).hasSize(1);
            assertThat(expiries.getFirst().seq()).isEqualTo(1);
            assertThat(expiries.getFirst().recipients()).containsExactly(room.owner());
        });
    }

    private static Client connect(URI uri, ServiceProcess edge) {
        try {
            return await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofMillis(200)).ignoreExceptions()
                    .until(() -> Client.connect(uri), client -> true);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("the edge takes nobody in:\n" + edge.tail(), e);
        }
    }

    private static void sendAll(Client poster, String to, String prefix, int count) {
        var before = poster.frames("ack").size();
        for (var i = 0; i < count; i++) send(poster, to, prefix + i);
        await().atMost(Cluster.PATIENCE).until(() -> poster.frames("ack").size() == before + count);
    }

    private static void send(Client poster, String to, String id) {
        poster.send("{\"event\":\"message\",\"to\":\"" + to + "\",\"id\":\"" + id + "\",\"text\":\"hi\"}");
    }

    private static void acknowledge(Client device, String name, long seq) {
        var room = name.equals("confirm") ? name : "@" + name;
        device.send("{\"event\":\"ack\",\"room\":\"" + room + "\",\"seq\":" + seq + "}");
    }

    /** Checks that exactly these messages arrived, once and in order; redelivered copies do not count. */
    private static void awaitMessages(Client device, String user, int from, int to) {
        device.await(frame -> isAbout(frame, "message", to));
        assertThat(device.frames("message").stream().filter(frame -> !frame.path("redelivered").asBoolean())
                .filter(frame -> frame.path("room").asText().equals("@" + user))
                .map(frame -> frame.path("seq").asInt()))
                .containsExactlyElementsOf(IntStream.rangeClosed(from, to).boxed().toList());
    }

    private long awaitCopies(Client device, long count) {
        try {
            return await().atMost(Cluster.PATIENCE).until(() -> copies(device), copies -> copies >= count);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("not redelivered; the services say:\n" + cluster.tails(), e);
        }
    }

    private static long copies(Client device) {
        return device.frames("message").stream().filter(frame -> frame.path("redelivered").asBoolean()).count();
    }

    private static boolean isAbout(JsonNode frame, String event, long seq) {
        return Client.isEvent(event).test(frame) && frame.path("seq").asLong() == seq;
    }

    private URI edge(int index, String user) {
        return cluster.edgeUri(index, "/ws?name=" + user);
    }
}
