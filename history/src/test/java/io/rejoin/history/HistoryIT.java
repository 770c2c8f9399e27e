package io.rejoin.history;

import static io.rejoin.history.EventLog.ANN;
import static io.rejoin.history.EventLog.EPOCH;
import static io.rejoin.history.EventLog.message;
import static io.rejoin.history.Services.room;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.metrics.Scraped;
import io.rejoin.servers.Broker;
import io.rejoin.servers.Postgres;
import io.rejoin.servers.Servers;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One service with a real broker and a real database. Each test has its own room. */
class HistoryIT {
    private static final String SECRET = "a-shared-secret-of-ours";
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    static final List<Content> CONTENTS = List.of(Content.text(""), Content.text("\u0000 and \u0001, \t\"\\ \u007f"),
            Content.text("family \uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67 and \u20AC \uFFFF"),
            Content.text("x".repeat(64 * 1024)), data("null"), data("[[1,{\"a\":[null,true,\"\\u0000\"]}],{}]"),
            data("{\"\\u0000\":123456789012345678901234567890.12345678901234567890}"), data("\"{\\\"text\\\":1}\""),
            data("[1e2,1.0,-0,-0.0,0.10,1E-7,5e-324]"), data("{\"a\":{\"b\":-1.50E+3}}"));

    private static Broker kafka;
    private static Postgres postgres;
    private static EventLog log;
    private static Services.Running service;
    private static ReplayClient client;

    @BeforeAll
    static void start() throws InterruptedException {
        kafka = Servers.emptyBroker();
        postgres = Servers.database();
        log = new EventLog(kafka.bootstrapServers(), 3);
        service = new Services.Running(Services.environment(kafka, postgres));
        client = service.client();
    }

    @AfterAll
    static void stop() {
        service.close();
        log.close();
        postgres.close();
        kafka.close();
    }

    private static Content data(String json) {
        try {
            return Content.data(JsonText.of(json));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ReplayPage awaitHead(RoomId room, long seq) {
        return client.page(room, "&limit=500&after=0&to=" + seq + "&wait_ms=30000");
    }

    private static List<Long> seqs(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    @Test
    void metricsNeedNoSecret() throws InterruptedException {
        var env = new HashMap<>(Services.environment(kafka, postgres));
        env.put("HISTORY_API_SECRET", SECRET);
        try (var guarded = new Services.Running(env)) {
            Scraped.from(guarded.port()).check("history");
        }
    }

    @Test
    void storedMessagesAndServedPagesAreCounted() {
        var before = Scraped.from(service.port());
        var room = room("counted");
        log.post(room, 1, 3);
        awaitHead(room, 3);
        client.get("/v1/messages?room=nonsense&limit=0");

        await().atMost(TIMEOUT).untilAsserted(() -> {
            var now = Scraped.from(service.port());
            now.check("history");
            assertThat(increase(before, now, "stored_messages")).isEqualTo(3);
            assertThat(now.sum("rejoin_history_batch_messages_sum") - before.sum("rejoin_history_batch_messages_sum"))
                    .isEqualTo(3);
            assertThat(increase(before, now, "pages")).isEqualTo(1);
            assertThat(increase(before, now, "refused_requests", "code=\"invalid_parameter\"")).isEqualTo(1);
            assertThat(now.sum("rejoin_history_partitions", "state=\"reading\"")).isEqualTo(3);
            assertThat(now.names()).contains("rejoin_history_lag_records");
            assertThat(now.sum("rejoin_history_lag_records")).isZero();
            assertThat(now.sum("rejoin_history_waiting_requests")).isZero();
        });
    }

    private static double increase(Scraped before, Scraped now, String metric, String... labels) {
        var name = "rejoin_history_" + metric + "_total";
        return now.sum(name, labels) - before.sum(name, labels);
    }

    @Test
    void anEventPublishedTwiceIsStoredOnce() {
        var room = room("twice");
        var source = log.publish(message(room, 1));
        log.publish(message(room, 1), source);
        log.post(room, 2, 2); // a marker: once it is stored, both copies were read

        assertThat(awaitHead(room, 2)).isEqualTo(
                new ReplayPage(room, EPOCH, 2, List.of(stored(message(room, 1)), stored(message(room, 2))), null));
    }

    @Test
    void theLongestNamesFitIntoTheTableAndIntoAUrl() {
        var tenant = "Tenant_0.example-".repeat(4).substring(0, 64);
        for (var character : List.of("\u0915", "\uD83D\uDE00")) { // three and four bytes of UTF-8
            var user = new UserId(tenant, character.repeat(255 / character.length()));
            var room = RoomId.personal(user);
            var posted = new Event.MessagePosted(room, EPOCH, 1, user, "id", Content.text("hi"), 99);
            log.publish(posted);

            assertThat(awaitHead(room, 1).messages()).containsExactly(stored(posted));
        }
    }

    private static StoredMessage stored(Event.MessagePosted posted) {
        return new StoredMessage(posted.seq(), posted.user(), posted.id(), posted.content(), posted.ts());
    }

    @Test
    void repeatedEventsOfANewRouterAreStoredOnce() {
        var room = room("takeover");
        var first = log.publish(message(room, 1));
        log.post(room, 2, 40);
        for (var seq = 20; seq <= 40; seq++) { // the new owner begins at its checkpoint
            log.publish(message(room, seq), new Source(first.partition(), first.offset() + seq - 1, 0));
        }
        log.publish(new Event.MemberLeft(room, EPOCH, ANN, 0, 2, 99));
        log.post(room, 41, 50);

        awaitHead(room, 50);
        assertThat(client.seqs(room)).isEqualTo(seqs(1, 50));
    }

    @Test
    void messagesThatOnlyLookLikeRepetitionsAreKept() {
        var room = room("command-log-made-anew");
        log.publish(message(room, 1));
        var newEpochMessage = new Event.MessagePosted(room, EPOCH + 1, 1, ANN, null, Content.text("again"), 5);
        log.publish(newEpochMessage, new Source(log.partition(room), 0, 0));

        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(client.page(room, ""))
                .isEqualTo(new ReplayPage(room, EPOCH + 1, 1, List.of(stored(newEpochMessage)), null)));
        assertThat(client.page(room, "&epoch=" + EPOCH).messages()).containsExactly(stored(message(room, 1)));
    }

    @Test
    void pagesFollowOneAnotherInBothDirections() {
        var room = room("pages");
        log.post(room, 1, 25);
        awaitHead(room, 25);

        assertPage(client.page(room, "&after=0&limit=10"), seqs(1, 10), 10L);
        assertPage(client.page(room, "&after=10&limit=10"), seqs(11, 20), 20L);
        assertPage(client.page(room, "&after=20&limit=10"), seqs(21, 25), null);
        assertPage(client.page(room, "&after=20&limit=5"), seqs(21, 25), null);
        assertPage(client.page(room, "&after=3&to=6"), seqs(4, 6), null);
        assertPage(client.page(room, "&after=25"), List.of(), null);
        assertPage(client.page(room, "&after=99"), List.of(), null);
        assertPage(client.page(room, "&limit=10"), seqs(16, 25), 16L);
        assertPage(client.page(room, "&limit=10&before=16"), seqs(6, 15), 6L);
        assertPage(client.page(room, "&limit=10&before=6"), seqs(1, 5), null);
        assertPage(client.page(room, "&before=1"), List.of(), null);
    }

    private static void assertPage(ReplayPage page, List<Long> seqs, @Nullable Long next) {
        assertThat(page.messages().stream().map(StoredMessage::seq).toList()).isEqualTo(seqs);
        assertThat(page.next()).isEqualTo(next);
        assertThat(page.head()).isEqualTo(25);
    }

    @Test
    void aRoomWithoutMessagesIsEmpty() {
        var room = room("empty");

        assertThat(client.page(room, "&after=0")).isEqualTo(new ReplayPage(room, 0, 0, List.of(), null));
        assertThat(client.page(room, "&epoch=5")).isEqualTo(new ReplayPage(room, 5, 0, List.of(), null));
        assertThat(client.page(room, "&after=0&to=1&wait_ms=50").head()).isZero();
    }

    @Test
    void aLongPollIsAnsweredWhenTheMessageArrives() throws Exception {
        var room = room("wait");
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var edge = clients.submit(() -> client.page(room, "&epoch=" + EPOCH + "&after=0&to=2&wait_ms=30000"));
            var any = clients.submit(() -> client.page(room, "&after=1&to=2&wait_ms=30000"));
            log.post(room, 1, 1);
            log.post(room, 2, 2);

            assertThat(edge.get().messages()).containsExactly(stored(message(room, 1)), stored(message(room, 2)));
            assertThat(any.get().messages()).containsExactly(stored(message(room, 2)));
        }
    }

    @ParameterizedTest
    @FieldSource("CONTENTS")
    void aContentIsReturnedUnchanged(Content content) {
        var room = room("content");
        var posted = message(room, 1, content);
        log.publish(posted);
        awaitHead(room, 1);

        assertThat(client.page(room, "&after=0").messages()).containsExactly(stored(posted)); // from memory
        assertThat(client.page(room, "&epoch=" + EPOCH + "&before=2").messages()).containsExactly(stored(posted));
    }

    @Test
    void aRoomNameMayHaveAnyCharacters() {
        var room = room("a+b c&d=e%41/\uD83D\uDE00#?");
        log.post(room, 1, 1);

        assertThat(awaitHead(room, 1).messages()).containsExactly(stored(message(room, 1)));
    }

    @Test
    void healthReportsOk() {
        var health = client.get("/health");

        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(new String(health.body(), UTF_8)).matches("\\{\"status\":\"ok\",\"dependencies\":\\{"
                + "\"kafka\":\\{\"state\":\"up\",\"since\":\"[^\"]+Z\"},"
                + "\"postgres\":\\{\"state\":\"up\",\"since\":\"[^\"]+Z\"}}}");
        assertThat(new String(client.get("/health/live").body(), UTF_8)).isEqualTo("{\"live\":true}");
        assertThat(new String(client.get("/health/ready").body(), UTF_8)).isEqualTo("{\"ready\":true}");
    }

    @Test
    void answersNameTheInstallation() {
        var id = log.eventsId();

        for (var path : List.of("/v1/installation", "/v1/messages?room=a/b", "/v1/messages")) {
            assertThat(client.get(path).headers().firstValue("Rejoin-Installation")).as(path).contains(id);
        }
        assertThat(new String(client.get("/v1/installation").body(), UTF_8))
                .isEqualTo("{\"installation\":\"" + id + "\"}");
    }

    @Test
    void onlyRequestsWithTheSecretAreAnswered() throws Exception {
        var environment = new HashMap<>(Services.environment(kafka, postgres));
        environment.put("HISTORY_API_SECRET", SECRET);
        environment.put("HISTORY_HOST", "0.0.0.0");
        try (var guarded = new Services.Running(environment)) {
            var guardedClient = guarded.client();
            for (var wrong : new String[]{null, "", SECRET, "Bearer", "Bearer ", "Bearer " + SECRET + "x",
                    "Basic " + SECRET,
                    "Bearer " + SECRET.substring(1)}) {
                var refused = guardedClient.get("/v1/messages?room=a/b", wrong);
                assertThat(refused.statusCode()).as(wrong).isEqualTo(401);
                assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/json");
                assertThat(new String(refused.body(), UTF_8)).contains("\"unauthorized\"").doesNotContain(SECRET);
            }
            assertThat(guardedClient.get("/v1/installation", null).statusCode()).isEqualTo(401);
            assertThat(guardedClient.get("/v1/messages?room=a/b", "Bearer " + SECRET).statusCode()).isEqualTo(200);
            assertThat(guardedClient.get("/v1/messages?room=a/b", "bearer  " + SECRET).statusCode()).isEqualTo(200);
            assertThat(guardedClient.get("/health/live").statusCode()).isEqualTo(200);
            assertThat(new String(guardedClient.get("/health").body(), UTF_8)).contains("dependencies");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "room=lobby", "room=a/b&room=a/c", "room=a/b&limit=501", "room=a/b&limit=0",
            "room=a/b&after=x",
            "room=a/b&after=-1", "room=a/b&after=1&before=2", "room=a/b&wait_ms=10", "room=a/b&to=1&wait_ms=30001",
            "room=a/b&epoch=0", "room=!/b", "room=a/%00", "room=a/b&after=99999999999999999999"})
    void aWrongParameterIsRefused(String query) {
        var response = client.get("/v1/messages?" + query);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(new String(response.body(), UTF_8))
                .matches("\\{\"code\":\"invalid_parameter\",\"message\":\".+\"}");
    }
}
