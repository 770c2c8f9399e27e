package io.rejoin.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.env.ConfigException;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.config.EdgeConfig;
import io.rejoin.listener.tls.Pem;
import io.rejoin.metrics.Scraped;
import io.rejoin.servers.Servers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests an edge as clients, routers and operators see it, with real sockets and Kafka. Each test has its own room. */
class EdgeIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String SECRET = "a secret of at least thirty-two bytes";
    private static final String ROUTER_SECRET = "a-secret-of-a-router";
    private static final int PARTITIONS = 2;

    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Queue<Throwable> FATAL = new ConcurrentLinkedQueue<>();
    private static TestHistory history;
    private static TestRouter router;
    private static Edge edge;

    private final String room = "room-" + UUID.randomUUID();

    @BeforeAll
    static void start() throws Exception {
        var kafka = Servers.broker();
        try (var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TopicNames.PLAIN.commands(), PARTITIONS, (short) 1),
                    new NewTopic(TopicNames.PLAIN.edges(), 1, (short) 1)))
                    .all()
                    .get();
        }
        history = new TestHistory();
        router = new TestRouter(kafka.bootstrapServers(), history, PARTITIONS, ROUTER_SECRET);
        edge = startEdge();
    }

    @AfterAll
    static void stop() throws Exception {
        edge.close();
        router.stop();
        history.close();
        HTTP.close();
        assertThat(FATAL).isEmpty();
    }

    @Test
    void clientsMeetInARoom() {
        var ann = connect("ann", "?room=" + room);
        ann.next("join_ack");
        var ben = connect("ben", "");
        ben.send("{\"event\":\"join\",\"room\":\"" + room + "\",\"id\":\"j1\"}");
        var joined = ben.next("join_ack");
        ben.send("{\"event\":\"message\",\"text\":\"hi\",\"id\":\"m1\"}");

        assertThat(joined.get("id").textValue()).isEqualTo("j1");
        assertThat(joined.get("members")).map(name -> name.textValue()).containsExactly("ann", "ben");
        assertThat(ann.next("presence", p -> p.get("user").textValue().equals("ben")).get("action").textValue())
                .isEqualTo("join");
        assertThat(ann.next("message").get("text").textValue()).isEqualTo("hi");
        assertThat(ben.next("message").get("user").textValue()).isEqualTo("ben");
        assertThat(ben.next("ack").get("seq").longValue()).isEqualTo(1);
        ann.send("{\"event\":\"presence\",\"id\":\"p1\"}");
        assertThat(ann.next("presence_state").get("count").intValue()).isEqualTo(2);
        ann.send("{\"event\":\"ping\",\"ts\":7}");
        assertThat(ann.next("pong").get("ts").longValue()).isEqualTo(7);
        ben.close();
        ann.next("presence", p -> p.get("action").textValue().equals("leave"));
    }

    @Test
    void aConnectionContinuesWithANewTokenOfTheSameUser() {
        var ann = connect("ann", "?room=" + room);
        ann.next("join_ack");
        ann.send("{\"event\":\"refresh\",\"id\":\"r1\",\"token\":\"" + token("ben", null) + "\"}");
        assertThat(ann.next("error").get("code").textValue()).isEqualTo("invalid_token");
        ann.send("{\"event\":\"refresh\",\"id\":\"r2\",\"token\":\"" + token("ann", List.of("other")) + "\"}");

        assertThat(ann.next("refreshed").get("expires").longValue()).isGreaterThan(System.currentTimeMillis());
        assertThat(ann.next("error", e -> !e.has("id")).get("code").textValue()).isEqualTo("forbidden");
        await().atMost(LONG).until(() -> leaves().count() == 1);
        assertThat(ann.isOpen()).isTrue();
        ann.close();
    }

    @Test
    void aFlappingConnectionChangesNoPresence() {
        var ann = connect("ann", "?room=" + room);
        ann.next("join_ack");
        for (var n = 0; n < 5; n++) {
            var ben = connect("ben", "?room=" + room);
            ben.next("join_ack");
            ben.abort();
        }
        ann.next("presence", p -> p.get("action").textValue().equals("leave")); // when the grace is over

        assertThat(ann.of("presence")).filteredOn(p -> p.get("user").textValue().equals("ben"))
                .map(p -> p.get("action").textValue()).containsExactly("join", "leave");
    }

    @Test
    void aReturningClientGetsMissedMessages() {
        var ann = connect("ann", "/" + room);
        ann.next("join_ack");
        for (var n = 1; n <= 5; n++) ann.send("{\"event\":\"message\",\"text\":\"m" + n + "\"}");
        ann.next("message", m -> m.get("seq").longValue() == 5);
        var ben = connect("ben", "/" + room + "?after=2&epoch=1");

        assertThat(ben.next("resync").get("outcome").textValue()).isEqualTo("full");
        assertThat(ben.seqs()).containsExactly(3L, 4L, 5L);
        ben.send("{\"event\":\"join\",\"room\":\"" + room + "\",\"id\":\"again\",\"after\":4}");
        assertThat(ben.next("join_ack", a -> a.has("id")).get("seq").longValue()).isEqualTo(5);
        await().atMost(LONG).untilAsserted(() -> assertThat(ben.seqs()).containsExactly(3L, 4L, 5L, 5L));
    }

    @Test
    void lostDeliveriesAreRepairedFromHistory() {
        var ann = connect("ann", "/" + room);
        ann.next("join_ack");
        router.loseMessages(3);
        for (var n = 1; n <= 4; n++) ann.send("{\"event\":\"message\",\"text\":\"m" + n + "\"}");

        await().atMost(LONG).untilAsserted(() -> assertThat(ann.seqs()).containsExactly(1L, 2L, 3L, 4L));
    }

    @Test
    void anEdgeThatIsGivenUpLosesNoMessages() {
        var ann = connect("ann", "/" + room);
        ann.next("join_ack");
        var id = new RoomId("default", room);
        var join = (Command.Join) router.commands().stream()
                .filter(c -> c instanceof Command.Join j && j.room().equals(id)).findFirst().orElseThrow();
        router.giveUp(join.edge(), id);
        await().atMost(LONG).until(() -> router.commands().stream().anyMatch(c -> c instanceof Command.Join again
                && again.room().equals(id) && again.edge().incarnation() == join.edge().incarnation() + 1));
        ann.send("{\"event\":\"message\",\"text\":\"still here\",\"id\":\"m1\"}");

        ann.next("ack");
        assertThat(ann.next("message").get("seq").longValue()).isEqualTo(1);
        assertThat(ann.of("join_ack")).hasSize(1);
    }

    @Test
    void anEdgeThatDoesNotKnowTheRoutersSecretIsUnreadyAndSaysWhy() throws Exception {
        try (var stranger = startUnready(Map.of("EDGE_ROUTER_SECRET", "another-secret-of-it"))) {
            await().atMost(LONG).until(() -> get(stranger.port(), "/health").body().contains("EDGE_ROUTER_SECRET"));

            assertThat(get(stranger.port(), "/health").body())
                    .contains("\"unready\"", router.address(), "has another secret")
                    .doesNotContain("another-secret-of-it");
            assertThat(get(stranger.port(), "/health/ready").statusCode()).isEqualTo(503);
            assertThat(get(stranger.port(), "/health/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void anUnreadableDeliveryLosesNoMessages() {
        var poisoned = startEdge();
        try {
            var ann = TestClient.connect(HTTP, poisoned.port(), "/ws/" + room + "?token=" + token("ann", null));
            ann.next("join_ack");
            var before = joins().findFirst().orElseThrow().edge();
            router.loseMessages(1);
            ann.send(message("m1"));
            ann.next("ack");
            router.sendUnreadable(before);
            await().atMost(LONG).until(() -> joins()
                    .anyMatch(again -> again.edge().incarnation() == before.incarnation() + 1));

            ann.next("message", m -> m.get("id").textValue().equals("m1"));
            ann.send(message("m2"));
            await().atMost(LONG).untilAsserted(() -> assertThat(ann.seqs()).containsExactly(1L, 2L));
            assertThat(ann.of("join_ack")).hasSize(1);
        } finally {
            poisoned.close();
        }
    }

    private Stream<Command.Join> joins() {
        return router.commands().stream().filter(c -> c instanceof Command.Join join && join.room().name().equals(room))
                .map(c -> (Command.Join) c);
    }

    @Test
    void aDirectMessageReachesEveryDeviceOfItsUserUntilOneAcknowledgesIt() {
        var ann = "ann of " + room;
        var phone = connect(ann, "");
        var laptop = connect(ann, "");
        var ben = connect("ben", "");
        ben.send(direct(ann, "d1"));
        for (var device : List.of(phone, laptop)) {
            assertThat(device.next("message").get("room").textValue()).isEqualTo("@" + ann);
            assertThat(device.of("join_ack")).isEmpty();
        }
        phone.send("{\"event\":\"ack\",\"room\":\"@" + ann + "\",\"seq\":1,\"epoch\":1}");

        assertThat(laptop.next("cursor").get("seq").longValue()).isEqualTo(1);
        assertThat(ben.next("confirmed").get("user").textValue()).isEqualTo(ann);
        assertThat(phone.of("cursor")).isEmpty();
        phone.close();
        ben.send(direct(ann, "d2"));
        ben.next("ack", ack -> ack.get("id").textValue().equals("d2"));
        var tablet = connect(ann, "");
        assertThat(tablet.next("message").get("id").textValue()).isEqualTo("d2");
        assertThat(tablet.seqs()).containsExactly(2L);
    }

    @Test
    void unacknowledgedMessagesAreRedelivered() {
        var user = new UserId("default", "ann of " + room);
        var personal = RoomId.personal(user);
        var ann = connect(user.name(), "");
        var ben = connect("ben", "");
        ben.send(direct(user.name(), "d1"));
        ann.next("message");
        var join = (Command.Join) router.commands().stream()
                .filter(c -> c instanceof Command.Join j && j.room().equals(personal)).findFirst().orElseThrow();
        router.redeliver(join.edge(), personal, 1, user);

        assertThat(ann.next("message", m -> m.has("redelivered")).get("text").textValue()).isEqualTo("hi");
        assertThat(ann.of("message").getFirst().has("redelivered")).isFalse();
    }

    @Test
    void refusalsAreHttpErrors() throws Exception {
        assertThat(refusal("/ws")).isEqualTo(401);
        assertThat(refusal("/ws?token=nonsense")).isEqualTo(401);
        assertThat(refusal("/ws/secret?token=" + token("ann", List.of("room-*")))).isEqualTo(403);
        assertThat(refusal("/elsewhere?token=" + token("ann", null))).isEqualTo(404);
        assertThat(refusal("/ws/a?after=x&token=" + token("ann", null))).isEqualTo(400);
    }

    @Test
    void aPlainRequestToTheSocketIsAnsweredLikeAnUpgrade() throws Exception {
        for (var path : List.of("/ws/" + room, "/ws", "/ws/", "/")) {
            var open = ask(path + "?token=" + token("ann", null));
            assertThat(open.statusCode()).as(path).isEqualTo(426);
            assertThat(open.headers().firstValue("Upgrade")).hasValue("websocket");
            assertThat(open.body()).contains("\"code\":\"upgrade_required\"");
            assertThat(ask(path).statusCode()).as(path).isEqualTo(401);
        }
        assertThat(ask("/ws/secret?token=" + token("ann", List.of("room-*"))).body())
                .isEqualTo("{\"code\":\"forbidden\",\"message\":\"the token does not grant this room\"}");
        assertThat(ask("/?room=a&last=x&token=" + token("ann", null)).statusCode()).isEqualTo(400);
        assertThat(ask("/ws").headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
        assertThat(get("/").body()).contains("<html");
    }

    private static HttpResponse<String> ask(String path) throws IOException, InterruptedException {
        var url = URI.create("http://127.0.0.1:" + edge.port() + path);
        return HTTP.send(HttpRequest.newBuilder(url).header("Accept", "application/json").build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aMessageOverTheLimitEndsTheConnection() {
        var ann = connect("ann", "/" + room);
        ann.send("{\"event\":\"ping\",\"pad\":\"" + "x".repeat(64 * 1024) + "\"}");

        assertThat(ann.closed()).isEqualTo(1009);
    }

    @Test
    void theLargestMessageGoesThrough() {
        var ann = connect("ann", "/" + room);
        ann.next("join_ack");
        var text = "x".repeat(64 * 1024 - 100);
        ann.send("{\"event\":\"message\",\"text\":\"" + text + "\"}");

        assertThat(ann.next("message").get("text").textValue()).isEqualTo(text);
    }

    @Test
    void withoutHistoryTheEdgeIsDegradedButReady() throws Exception {
        await().atMost(LONG).until(() -> get("/health").body().startsWith("{\"status\":\"ok\",\"connections\":"));
        history.setUnavailable(true);
        await().atMost(LONG).until(() -> get("/health").body().contains("\"degraded\""));
        var degraded = get("/health");
        var ready = get("/health/ready");
        history.setUnavailable(false);
        await().atMost(LONG).until(() -> get("/health").body().contains("\"status\":\"ok\""));

        assertThat(degraded.body()).contains("history: ").contains("EDGE_HISTORY_URL").doesNotContain("kafka: ");
        assertThat(degraded.statusCode()).isEqualTo(200);
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(ready.body()).isEqualTo("{\"ready\":true}");
        assertThat(get("/health/live").body()).isEqualTo("{\"live\":true}");
    }

    @Test
    void filesAreServedWithTheirContentTypes() throws Exception {
        var page = get("/");
        var script = get("/client/rejoin.js");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        assertThat(get("/demo/demo.css").headers().firstValue("Content-Type").orElseThrow()).startsWith("text/css");
        assertThat(get("/client/rejoin.d.ts").headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/plain");
        assertThat(script.statusCode()).isEqualTo(200);
        assertThat(script.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/javascript");
        assertThat(script.headers().firstValue("Cache-Control")).hasValue("no-cache");
        assertThat(script.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(get("/none.js").statusCode()).isEqualTo(404);
        assertThat(get("/..%2f..%2fio/rejoin/edge/Edge.class").statusCode()).isEqualTo(404);
    }

    @Test
    void aDrainedEdgeClosesItsClientsAndTheirMembersLeave() {
        var begun = System.nanoTime();
        var stopping = startEdge();
        var ann = TestClient.connect(HTTP, stopping.port(), "/ws/" + room + "?token=" + token("ann", null));
        ann.next("join_ack");
        var port = stopping.port();
        stopping.close();

        assertThat(ann.closed()).isEqualTo(1012);
        assertThat(ann.of("reconnect")).hasSize(1);
        await().atMost(LONG).until(() -> leaves().count() == 1);
        assertThatThrownBy(() -> get(port, "/health")).isInstanceOf(IOException.class);
        assertThat(System.nanoTime() - begun).isLessThan(LONG.toNanos());
    }

    @Test
    void anEdgeClosedUnderTrafficAnswersAcceptedPosts() throws Exception {
        var stopping = startEdge(Map.of("EDGE_DRAIN", "PT1S"));
        var clients = IntStream.range(0, 8).mapToObj(n -> {
            var client = TestClient.connect(HTTP, stopping.port(), "/ws/" + room + "?token=" + token("u" + n, null));
            client.next("join_ack");
            return client;
        }).toList();
        var posters = new ArrayList<Thread>();
        var posted = new ConcurrentLinkedQueue<String>();
        for (var client : clients) posters.add(Thread.ofVirtual().start(() -> postUntilClosed(client, posted)));
        await().atMost(LONG).until(() -> clients.stream().allMatch(client -> client.of("ack").size() > 3));
        stopping.close();
        for (var poster : posters) assertThat(poster.join(LONG)).isTrue();

        var answered = new HashSet<String>();
        for (var client : clients) {
            assertThat(client.closed()).isEqualTo(1012);
            assertThat(client.of("reconnect")).hasSize(1);
            client.of("ack").forEach(ack -> answered.add(ack.get("id").textValue()));
        }
        var after = connect("again", "/" + room);
        after.next("join_ack");
        posted.removeAll(answered);
        for (var id : posted) after.send(message(id));
        for (var id : posted) after.next("ack", ack -> ack.get("id").textValue().equals(id));
        await().atMost(LONG).until(() -> leaves().count() == clients.size());
        var inTheLog = router.commands().stream()
                .filter(c -> c instanceof Command.Post p && p.room().name().equals(room))
                .map(c -> ((Command.Post) c).id()).toList();
        assertThat(inTheLog).containsAll(answered).containsAll(posted);
    }

    private static void postUntilClosed(TestClient client, Queue<String> posted) {
        while (client.isOpen()) {
            var id = UUID.randomUUID().toString();
            posted.add(id);
            client.send(message(id));
            if (client.isOpen()) client.nextAnswerTo(id);
        }
    }

    private static String message(String id) {
        return "{\"event\":\"message\",\"text\":\"x\",\"id\":\"" + id + "\"}";
    }

    private Stream<Command> leaves() {
        return router.commands().stream()
                .filter(c -> c instanceof Command.Leave leave && leave.room().name().equals(room));
    }

    @Test
    void aStoppingEdgeIsUnreadyFirstAndStillAcceptsClients() throws Exception {
        var stopping = startEdge(Map.of("EDGE_DRAIN_DELAY", "PT4S", "EDGE_DRAIN", "PT0S"));
        var closing = Thread.ofVirtual().start(stopping::close);
        await().atMost(LONG).until(() -> get(stopping.port(), "/health/ready").statusCode() == 503);
        var late = TestClient.connect(HTTP, stopping.port(), "/ws/" + room + "?token=" + token("ann", null));
        late.send(message("m1"));
        late.next("ack");

        assertThat(get(stopping.port(), "/health").body()).contains("\"draining\"");
        assertThat(get(stopping.port(), "/health/live").statusCode()).isEqualTo(200);
        assertThat(late.closed()).isEqualTo(1012);
        closing.join();
    }

    @Test
    void aFullEdgeIsUnreadyUntilAConnectionEnds() throws Exception {
        try (var small = startEdge(Map.of("EDGE_MAX_CONNECTIONS", "2", "EDGE_MAX_CONNECTIONS_PER_USER", "1"))) {
            await().atMost(LONG).until(() -> get(small.port(), "/health/ready").statusCode() == 200);
            var ann = TestClient.connect(HTTP, small.port(), "/ws?token=" + token("ann", null));
            var second = refused(small.port(), "/ws?token=" + token("ann", null));
            assertThat(second.statusCode()).isEqualTo(429);
            assertThat(second.headers().firstValue("Retry-After")).isPresent();
            var ben = TestClient.connect(HTTP, small.port(), "/ws?token=" + token("ben", null));

            var third = refused(small.port(), "/ws?token=" + token("cem", null));
            assertThat(third.statusCode()).isEqualTo(503);
            assertThat(third.headers().firstValue("Retry-After")).isPresent();
            assertThat(get(small.port(), "/health/ready").statusCode()).isEqualTo(503);
            assertThat(get(small.port(), "/health").body()).contains("\"status\":\"full\"")
                    .contains("EDGE_MAX_CONNECTIONS");
            assertThat(get(small.port(), "/health/live").statusCode()).isEqualTo(200);
            ben.abort();
            await().atMost(LONG).until(() -> get(small.port(), "/health/ready").statusCode() == 200);
            TestClient.connect(HTTP, small.port(), "/ws?token=" + token("cem", null)).close();
            ann.close();
        }
    }

    @Test
    void aPortInUseIsReported() {
        assertThatThrownBy(() -> startEdge(Map.of("EDGE_PORT", Integer.toString(edge.port()))))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("EDGE_PORT")
                .hasMessageContaining(Integer.toString(edge.port()));
    }

    @Test
    void metricsAreServedOnTheirOwnPort() throws Exception {
        Scraped.from(edge.metricsPort()).check("edge");

        assertThat(edge.metricsPort()).isNotEqualTo(edge.port());
        assertThat(get("/metrics").statusCode()).isEqualTo(404);
        assertThat(get(edge.metricsPort(), "/health/ready").body()).isEqualTo("{\"ready\":true}");
        assertThat(get(edge.metricsPort(), "/").statusCode()).isEqualTo(404);
    }

    @Test
    void anEdgeServesTls(@TempDir Path folder) throws Exception {
        var files = Pem.put(folder, "ec.pem", "ec.key");
        var trustingClient = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .sslContext(Pem.trusting("ec.pem", "rsa.pem"));
        try (var http = trustingClient.build();
                var secure = startEdge(Map.of("EDGE_TLS_CERT", files.certificates().toString(), "EDGE_TLS_KEY",
                        files.key().toString(), "EDGE_TLS_REFRESH", "PT1S"))) {
            var ann = TestClient.connect(http, wss(secure, "ann"));
            var ben = connect("ben", "/" + room);
            ann.next("presence", presence -> presence.get("user").textValue().equals("ben"));
            var text = "x".repeat(60 * 1024); // more than fits into one TLS record
            ben.send("{\"event\":\"message\",\"text\":\"" + text + "\"}");
            assertThat(ann.next("message").get("text").textValue()).isEqualTo(text);
            assertThat(refused(secure.port(), "/ws?token=" + token("ann", null)).statusCode()).isEqualTo(400);
            assertThat(get(secure.metricsPort(), "/health/ready").statusCode()).isEqualTo(200);

            Pem.put(folder, "rsa.pem", "rsa.key");
            await().atMost(LONG).until(() -> certificateAlgorithm(secure, trustingClient).equals("RSA"));
            ann.send(message("after"));
            ann.next("ack", ack -> ack.get("id").textValue().equals("after"));
            ann.close();
            assertThat(ann.closed()).isEqualTo(1000);
            var counted = Scraped.from(secure.metricsPort());
            assertThat(counted.sum("rejoin_edge_tls_handshakes_total", "outcome=\"plain\"")).isEqualTo(1);
            assertThat(counted.sum("rejoin_edge_tls_handshakes_total", "outcome=\"done\"")).isGreaterThan(1);
        }
    }

    private URI wss(Edge secure, String user) {
        return URI.create("wss://localhost:" + secure.port() + "/ws/" + room + "?token=" + token(user, null));
    }

    /** The key algorithm of the certificate that an edge presents to a new connection. */
    private static String certificateAlgorithm(Edge secure, HttpClient.Builder trustingClient)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("https://localhost:" + secure.port() + "/health")).build();
        try (var http = trustingClient.build()) {
            var session = http.send(request, HttpResponse.BodyHandlers.ofString()).sslSession().orElseThrow();
            return session.getPeerCertificates()[0].getPublicKey().getAlgorithm();
        }
    }

    @Test
    void invalidCertificateFilesFailTheStart(@TempDir Path folder) {
        var files = Pem.put(folder, "ec.pem", "rsa.key");
        assertThatThrownBy(() -> startEdge(Map.of("EDGE_TLS_CERT", files.certificates().toString(), "EDGE_TLS_KEY",
                files.key().toString()))).isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("EDGE_TLS_CERT", files.key().toString(), "does not belong to");
        assertThatThrownBy(() -> startEdge(Map.of("EDGE_TLS_CERT", "/tls.crt")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("EDGE_TLS_CERT and EDGE_TLS_KEY", "set both");
    }

    @Test
    void clientActionsAreCounted() throws Exception {
        try (var counted = startEdge()) {
            refused(counted.port(), "/ws?token=nonsense");
            var ann = TestClient.connect(HTTP, counted.port(), "/ws?room=" + room + "&token=" + token("ann", null));
            ann.next("join_ack");
            for (var id : List.of("m1", "m2", "m3")) {
                ann.send("{\"event\":\"message\",\"text\":\"hi\",\"id\":\"" + id + "\"}");
                ann.next("ack");
            }
            ann.send("nonsense");
            ann.next("error");

            await().atMost(LONG).untilAsserted(() -> {
                var now = Scraped.from(counted.metricsPort());
                assertThat(now.sum("rejoin_edge_ready")).isEqualTo(1);
                assertThat(now.sum("rejoin_edge_routers")).isEqualTo(1);
                assertThat(now.sum("rejoin_edge_uncovered_shards")).isZero();
                assertThat(now.sum("rejoin_edge_connections")).isEqualTo(1);
                assertThat(now.sum("rejoin_edge_handshakes_total", "outcome=\"opened\"")).isEqualTo(1);
                assertThat(now.sum("rejoin_edge_handshakes_total", "outcome=\"invalid_token\"")).isEqualTo(1);
                assertThat(now.sum("rejoin_edge_handshakes_total")).isEqualTo(2);
                assertThat(now.sum("rejoin_edge_posts_total")).isEqualTo(3);
                assertThat(now.sum("rejoin_edge_acks_total", "duplicate=\"no\"")).isEqualTo(3);
                assertThat(now.sum("rejoin_edge_ack_latency_seconds_count")).isEqualTo(3);
                assertThat(now.sum("rejoin_edge_errors_total", "code=\"invalid_frame\"")).isEqualTo(1);
                assertThat(now.sum("rejoin_edge_frames_total", "direction=\"in\"")).isEqualTo(4);
                assertThat(now.sum("rejoin_edge_traffic_bytes_total", "direction=\"out\"")).isGreaterThan(500);
                assertThat(now.sum("rejoin_edge_outbox_bytes")).isZero();
            });
            ann.close();
            await().atMost(LONG).untilAsserted(() -> {
                var now = Scraped.from(counted.metricsPort());
                now.check("edge");
                assertThat(now.sum("rejoin_edge_connections")).isZero();
                assertThat(now.sum("rejoin_edge_closes_total", "code=\"1000\"")).isEqualTo(1);
                assertThat(now.sum("rejoin_edge_closes_total")).isEqualTo(1);
            });
        }
    }

    @Test
    void aSecondEdgeUsesAnotherMetricsPortUnlessItIsConfigured() {
        try (var next = startEdge()) {
            assertThat(next.metricsPort()).isNotIn(0, edge.metricsPort());
            Scraped.from(next.metricsPort()).check("edge");
        }
        assertThatThrownBy(() -> startEdge(Map.of("EDGE_METRICS_PORT", Integer.toString(edge.metricsPort()))))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("EDGE_METRICS_PORT")
                .hasMessageContaining(Integer.toString(edge.metricsPort()));
    }

    @Test
    void anEdgeStartsWithoutKeysAndReportsIt() throws Exception {
        try (var started = startEdge(Map.of("EDGE_JWT_SECRET", "", "EDGE_JWKS", "http://127.0.0.1:1/jwks"))) {
            await().atMost(LONG).until(() -> get(started.port(), "/health").body().contains("cannot read the keys"));
            var health = get(started.port(), "/health");

            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(health.body()).contains("\"degraded\"", "\"keys\"", "http://127.0.0.1:1/jwks",
                    "No client can connect");
            assertThat(get(started.port(), "/ws?token=" + token("ann", null)).statusCode()).isEqualTo(401);
        }
    }

    /** Starts an edge and waits until it is ready. That is soon after it serves, once it has the streams of routers. */
    private static Edge startEdge() {
        return startEdge(Map.of());
    }

    private static Edge startEdge(Map<String, String> more) {
        var started = startUnready(more);
        await().atMost(LONG).until(() -> get(started.metricsPort(), "/health/ready").statusCode() == 200);
        return started;
    }

    private static Edge startUnready(Map<String, String> more) {
        var env = new HashMap<>(
                Map.of("KAFKA_BOOTSTRAP_SERVERS", Servers.broker().bootstrapServers(), "EDGE_HOST",
                        "127.0.0.1", "EDGE_PORT", "0", "EDGE_HISTORY_URL", history.url().toString(), "EDGE_JWT_SECRET",
                        SECRET));
        env.put("EDGE_DRAIN_DELAY", "PT0S");
        env.put("EDGE_ROUTER_SECRET", ROUTER_SECRET);
        env.putAll(more);
        return Edge.start(EdgeConfig.from(env), FATAL::add);
    }

    private static TestClient connect(String user, String tail) {
        var separator = tail.contains("?") ? "&" : "?";
        return TestClient.connect(HTTP, edge.port(), "/ws" + tail + separator + "token=" + token(user, null));
    }

    private static String direct(String to, String id) {
        return "{\"event\":\"message\",\"to\":\"" + to + "\",\"id\":\"" + id + "\",\"text\":\"hi\"}";
    }

    private static int refusal(String pathAndQuery) {
        return refused(edge.port(), pathAndQuery).statusCode();
    }

    private static HttpResponse<?> refused(int port, String pathAndQuery) {
        var failed = catchThrowableOfType(CompletionException.class,
                () -> TestClient.connect(HTTP, port, pathAndQuery));
        if (failed.getCause() instanceof WebSocketHandshakeException refused) return refused.getResponse();
        throw new AssertionError("neither let in nor refused: " + pathAndQuery, failed);
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return get(edge.port(), path);
    }

    private static HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String token(String user, @Nullable List<String> rooms) {
        try {
            var jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256),
                    new JWTClaimsSet.Builder().subject(user)
                            .expirationTime(Date.from(Instant.now().plusSeconds(3_600)))
                            .claim("rooms", rooms).build());
            jwt.sign(new MACSigner(SECRET.getBytes(UTF_8)));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }
}
